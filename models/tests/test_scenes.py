import json
import random

import numpy as np
import pytest
import torch
from transformers import LlavaForConditionalGeneration

from flink_executorch_models.scenes import data, model, tokenizer, train
from flink_executorch_models.scenes.__main__ import main
from flink_executorch_models.scenes.captions import caption
from flink_executorch_models.scenes.compose import is_held_out, scene
from flink_executorch_models.scenes.draw import drawn
from flink_executorch_models.scenes.reader import read, score
from flink_executorch_models.scenes.vocabulary import COLOURS, KINDS

SCENES = 400


@pytest.mark.parametrize("held_out", [False, True])
def test_every_caption_says_what_the_scene_shows(held_out):
    source = random.Random(1)
    for number in range(SCENES):
        made = scene(5, number, held_out)
        text = caption(made, source)
        found = score(read(text), made.truth())
        assert found.perfect and found.sizes and found.setting and found.right == found.stated, (number, text)


def test_a_caption_of_another_scene_is_not_right():
    source, perfect = random.Random(1), 0
    for number in range(SCENES):
        other = caption(scene(5, number + 1, False), source)
        perfect += score(read(other), scene(5, number, False).truth()).perfect
    assert perfect == 0


def test_wrong_words_are_told_apart():
    truth = {
        "objects": [
            {"kind": "cat", "colour": "red", "size": "small", "count": 2},
            {"kind": "table", "colour": "blue", "size": "large", "count": 1},
        ],
        "relations": [{"subject": "cat", "relation": "on", "object": "table"}],
        "weather": "sunny",
        "time": "day",
    }
    assert score(read("Two small red cats on a large blue table."), truth).perfect
    assert not score(read("Two small pink cats on a large blue table."), truth).colours
    assert not score(read("A small red cat on a large blue table."), truth).counts
    assert not score(read("Two small red cats under a large blue table."), truth).relations
    assert not score(read("Two small red cats."), truth).named


def test_held_out_scenes_show_what_no_training_scene_shows():
    trained = set().union(*(scene(1, number, False).triples() for number in range(SCENES)))
    assert not any(is_held_out(*triple) for triple in trained)
    for number in range(50):
        assert scene(1, number, True).triples() - trained


def test_scenes_and_pictures_repeat():
    one, again = (data.pictures(3, 24, 96, 8, workers=workers) for workers in (1, 2))
    assert np.array_equal(one.pixels, again.pixels) and one.captions == again.captions
    assert np.array_equal(one.kinds, again.kinds) and np.array_equal(one.colours, again.colours)
    assert drawn(scene(3, 0, False), 40, 30).size == (40, 30)


def test_labels_name_what_is_drawn():
    for number in range(50):
        made = scene(9, number, False)
        kinds, colours = data.labels(made, 24)
        shown = {KINDS[kind - 1] for kind in kinds if kind}
        assert shown <= {group.kind for group in made.groups} and shown
        assert {COLOURS[colour - 1] for colour in colours if colour} <= {group.colour for group in made.groups}


def test_every_word_is_a_token():
    made, source = tokenizer.trained(7, 2000), random.Random(2)
    for number in range(SCENES):
        text = caption(scene(11, number, True), source)
        ids = made.encode(text).ids
        assert made.token_to_id(tokenizer.UNKNOWN) not in ids and made.decode(ids) == text


def test_training_repeats_and_what_is_finished_is_kept(tmp_path):
    pictures, words = data.pictures(3, 16, model.SIDE, model.PATCH, workers=1), tokenizer.trained(7, 500)
    schedule = train.Schedule(steps=2, batch=4, warm_up=1)
    train.train(pictures, schedule, words, tmp_path)
    there = train.train(pictures, schedule, words, tmp_path)  # nothing is left to do
    whole = train.train(pictures, schedule, words, _folder(tmp_path, "whole"))
    for one, other in zip(there.parameters(), whole.parameters(), strict=True):
        assert one.equal(other)


def _folder(parent, name):
    folder = parent / name
    folder.mkdir()
    return folder


def test_the_recipe_ends_with_figures(tmp_path):
    main(["--build", str(tmp_path), "--pictures", "16", "--training-steps", "1", "--held-out", "4"])
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["scenes"] == 4 and figures["perfect"] == 0  # nothing is learned in a step
    assert (tmp_path / "hugging-face" / "config.json").exists()


def test_the_encoder_sees_as_the_library_does():
    torch.manual_seed(1)
    captioner = LlavaForConditionalGeneration(model.config(40)).eval()
    pixels = train.normalized(data.pictures(3, 2, model.SIDE, model.PATCH, workers=1).pixels)
    with torch.inference_mode():
        ours = captioner.model.multi_modal_projector(model.seen(captioner, pixels))
        theirs = captioner.model.get_image_features(pixels, -2, "default")
    assert torch.allclose(ours, torch.stack(tuple(theirs)), atol=1e-5)
