from pathlib import Path

import pytest

from flink_executorch_models.chat_goldens import rendered, write_goldens

CHAT = Path(__file__).parents[2] / "runner" / "src" / "test" / "resources" / "chat"
FILES = ["conversations.json", "variables.json", "rendered.jsonl", "constructs.jsonl"]


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chat")
    (folder / "templates").symlink_to(CHAT / "templates")
    write_goldens(folder)
    return folder


@pytest.mark.parametrize("file", FILES)
def test_goldens_are_made_again_as_committed(file, again):
    assert (again / file).read_text() == (CHAT / file).read_text()


def test_no_golden_depends_on_the_process():
    assert " at 0x" not in (CHAT / "constructs.jsonl").read_text()


def test_refusals_tell_parsing_from_rendering():
    assert rendered("{% nope %}", {"messages": []}) == {"refused": "parse"}
    assert rendered("{{ x.y }}", {"messages": []}) == {"refused": "render"}
    assert rendered("{{ raise_exception('no') }}", {"messages": []}) == {"refused": "render", "message": "no"}
