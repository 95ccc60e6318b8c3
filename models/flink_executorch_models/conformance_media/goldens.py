"""Golden tokens of multimodal prompts, by the official runner.

Random weights make near ties likely, so out of many prompts of each layout those are kept whose best token is ahead of
the second best by the widest margin at every step, whose tokens are the same when all inputs go in at once, and whose
tokens are others when the images are.
"""

import itertools
from itertools import cycle, islice
from pathlib import Path

from executorch.extension.llm.runner import MultimodalRunner

from flink_executorch_models.conformance_media.direct import DirectProgram
from flink_executorch_models.conformance_media.inputs import Media, described, official
from flink_executorch_models.official_runner import OfficialRunner, write_lines
from flink_executorch_models.tickets import tokenizer as tickets_tokenizer
from flink_executorch_models.tickets.corpus import tickets

MAX_NEW_TOKENS = 20
CANDIDATES, KEPT = 40, 2
SEED = 17
PLACEHOLDER = "<image>"
LONG = 38  # tokens; twice as many are more than most of the programs take in a step
# Turns, each a list of inputs; M is an image or audio, "marked" is text that names the placeholder, and "long long" is
# one prompt in two parts, which a runner that cuts prompts to steps must answer alike in one part.
LAYOUTS = [
    ["text"],
    ["M text"],
    ["text M text"],
    ["text M"],
    ["M text M text"],
    ["text M M text"],
    ["tokens"],
    ["tokens M tokens"],
    ["text M tokens text"],
    ["text M text", "text"],
    ["text", "M text"],
    ["long long"],
]
MARKED_LAYOUTS = [["marked M text"], ["marked"]]
SLOW_LAYOUTS = [["text M text"], ["tokens M"], ["M text M text"], ["M text", "text"]]


def write_goldens(
    folder: Path, media: list[Media], layouts: list[list[str]] = LAYOUTS, candidates: int = CANDIDATES
) -> None:
    """Writes `goldens.jsonl` and the media files for the program in the folder. If it cannot, ends the process: that is
    no fault of the exporter."""
    files = folder / "model.pte", folder / "tokenizer.json"
    program, runner = DirectProgram(*files), OfficialRunner(*files, runner=MultimodalRunner)
    try:
        goldens = [line for layout in layouts for line in _lines(program, runner, media, layout, candidates)]
    except (RuntimeError, ValueError) as failure:
        raise SystemExit(f"{folder.name}: {failure}") from failure
    for item in media:
        item.write(folder)
    write_lines(folder / "goldens.jsonl", [{"id": f"M-{n:02}"} | golden for n, golden in enumerate(goldens, start=1)])
    print(f"{folder.name}: {len(goldens)} goldens, margins from {min(golden['smallestMargin'] for golden in goldens)}")


def _lines(
    program: DirectProgram, runner: OfficialRunner, media: list[Media], layout: list[str], candidates: int
) -> list[dict]:
    lines = []
    for margin, turns, tokens in _clearest(program, runner, media, layout, candidates):
        given = runner.converse([([official(item) for item in turn], MAX_NEW_TOKENS) for turn in turns])
        if given != tokens:
            raise ValueError(f"{layout}: the runner gives {given}, the program {tokens}")
        answers = [_answered(runner, turn, ids) for turn, ids in zip(turns, tokens, strict=True)]
        golden = answers[0] if len(answers) == 1 else {"turns": answers}
        lines.append(golden | {"smallestMargin": round(margin, 4)})
    if not lines:
        raise ValueError(f"{layout}: no prompt gives clear and varied tokens")
    return lines


def _clearest(
    program: DirectProgram, runner: OfficialRunner, media: list[Media], layout: list[str], count: int
) -> list[tuple]:
    candidates = []
    for turns in islice(_prompts(runner, media, layout), count):
        tokens, margin = program.greedy(turns, MAX_NEW_TOKENS)
        distinct = min(len(set(ids)) for ids in tokens)
        if not any(tickets_tokenizer.EOS_ID in ids for ids in tokens) and distinct >= MAX_NEW_TOKENS // 4:
            candidates.append((margin, turns, tokens))
    candidates.sort(key=lambda candidate: -candidate[0])
    return list(islice((kept for kept in candidates if _holds(program, media, *kept[1:])), KEPT))


def _holds(program: DirectProgram, media: list[Media], turns: list[list], tokens: list[list[int]]) -> bool:
    """Whether the tokens stay the same with all inputs at once, and do not with other media."""
    others = dict(zip(media, media[1:] + media[:1], strict=True))
    changed = [[others.get(item, item) if isinstance(item, Media) else item for item in turn] for turn in turns]
    return program.greedy(turns, MAX_NEW_TOKENS, at_once=True)[0] == tokens and (
        changed == turns or program.greedy(changed, MAX_NEW_TOKENS)[0] != tokens
    )


def _prompts(runner: OfficialRunner, media: list[Media], layout: list[str]):
    """Fills the layout again and again, with other words, lengths and media each time."""
    messages = (ticket.message for ticket in tickets(SEED, True))
    for number in itertools.count():
        supply = cycle(media[number % len(media) :] + media[: number % len(media)])
        turns = []
        for turn in layout:
            items = []
            for kind in turn.split():
                text = next(messages)[: 8 + (7 * number + 5 * len(items)) % 30]
                if kind == "M":
                    items.append(next(supply))
                elif kind == "long":
                    items.append(runner.ids(" ".join(islice(messages, 4)))[:LONG])
                else:
                    items.append({"text": text, "tokens": runner.ids(text), "marked": text + PLACEHOLDER}[kind])
            turns.append(items)
        yield turns


def _answered(runner: OfficialRunner, turn: list, tokens: list[int]) -> dict:
    text = runner.tokenizer.decode(tokens, skip_special_tokens=True)
    return {"inputs": [described(item) for item in turn], "tokens": tokens, "text": text}
