"""Golden tokens of a text program: from the official runner, or from the program itself where that runner cannot.

Random weights make near ties likely, and a near tie is no basis for comparing two runners. So out of many prompts that
one is kept whose best token leads the second best most where it leads least. The tokens must also be the same when
every token goes in alone: that already differs from whole chunks in the order of its sums.
"""

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from flink_executorch_models.conformance.decoder import Decoder
from flink_executorch_models.conformance.manifest import Entry
from flink_executorch_models.conformance.tokenizer import SEED
from flink_executorch_models.official_runner import OfficialRunner, write_lines
from flink_executorch_models.tickets.corpus import tickets

OFFICIAL, DIRECT = "official runner", "program called directly"
CANDIDATES = 40

# What differs between errors of the same kind: how long the prompt was.
LENGTH = re.compile(r"(?<=to )\d+(?= elements)|(?<=received )\(1, \d+\)")
CONVERSATIONS = [[(9, 6), (12, 6), (5, 8)], [(14, 0), (0, 10)], [(8, 0), (11, 6), (6, 6)]]


@dataclass(frozen=True)
class Turn:
    """A prompt and how many tokens to generate after it; 0 is `prefill`, and an empty prompt goes on from there."""

    prompt: str
    max_new_tokens: int


def write_goldens(folder: Path, entry: Entry) -> str:
    """Writes `goldens.jsonl` for the program in the folder; returns which oracle gave the tokens, and why."""
    new_tokens = entry.new_tokens
    runner = open_runner(folder)
    whole, single = Decoder(folder, state=entry.state), Decoder(folder, chunk=1, state=entry.state)
    most = (entry.tokens or whole.context) - new_tokens
    shapes = [[(length, new_tokens)] for length in _lengths(whole, most)]
    shapes += CONVERSATIONS if entry.conversations else []
    found = [_best(runner, whole, single, shape, ends=False) for shape in shapes]
    if len(whole.eos_ids) > 1:
        found.append(_best(runner, whole, single, [(11, new_tokens)], ends=True))
    goldens, refused = [], set()
    for number, (turns, tokens, margin) in enumerate(found, start=1):
        error = _refusal(open_runner(folder) if entry.state else runner, turns, tokens, entry.not_official)
        refused |= {error} if error else set()
        oracle = {"smallestMargin": round(margin, 4), "oracle": DIRECT if error else OFFICIAL}
        goldens.append({"id": f"{entry.name}-{number:02}"} | _line(runner, turns, tokens, whole.eos_ids) | oracle)
    write_lines(folder / "goldens.jsonl", goldens)
    print(f"{entry.name}: {[golden['smallestMargin'] for golden in goldens]} {refused or ''}")
    oracle = _oracle([golden["oracle"] for golden in goldens], refused)
    return f"{oracle}, opened anew for every golden" if entry.state else oracle


def open_runner(folder: Path) -> OfficialRunner:
    return OfficialRunner(folder / "model.pte", folder / "tokenizer.json", next(folder.glob("*.ptd"), None))


def _oracle(oracles: list[str], refused: set[str]) -> str:
    direct = oracles.count(DIRECT)
    if not direct:
        return OFFICIAL
    what = DIRECT if direct == len(oracles) else f"{OFFICIAL}; for {direct} of {len(oracles)} goldens {DIRECT}"
    return f"{what}, because {' / '.join(sorted(refused))}"


def _lengths(decoder: Decoder, most: int) -> list[int]:
    """Prompts shorter than a chunk, as long as one, one and two tokens longer, and of several chunks."""
    chunk = decoder.max_tokens
    whole = chunk in (1, decoder.context - 1)
    lengths = [6, 17, *([most] if whole else [chunk, chunk + 1, chunk + 2, 2 * chunk + 5])]
    return sorted({min(length, most) for length in lengths})


def _best(
    runner: OfficialRunner, whole: Decoder, single: Decoder, shape: list[tuple[int, int]], ends: bool
) -> tuple[list[Turn], list[list[int]], float]:
    candidates = []
    for turns in _candidates(runner, shape):
        tokens, margin = converse(whole, runner, turns)
        if _is_varied(tokens[-1], turns[-1].max_new_tokens, whole.eos_ids, ends):
            candidates.append((margin, turns, tokens))
    for margin, turns, tokens in sorted(candidates, key=lambda candidate: -candidate[0]):
        if converse(single, runner, turns)[0] == tokens:
            return turns, tokens, margin
    raise SystemExit(f"{shape}: no candidate of {len(candidates)} gives the same tokens one by one")


def _candidates(runner: OfficialRunner, shape: list[tuple[int, int]]):
    """Conversations whose prompts have these numbers of tokens."""
    source = (ticket.message for ticket in tickets(SEED, True))
    for _ in range(CANDIDATES):
        turns = []
        for length, new_tokens in shape:
            ids = runner.ids(" ".join(islice(source, 4)))[:length]
            turns.append(Turn(runner.tokenizer.decode(ids), new_tokens))
        if [len(runner.ids(turn.prompt)) for turn in turns] == [length for length, _ in shape]:
            yield turns


def _is_varied(tokens: list[int], wanted: int, eos_ids: frozenset[int], ends: bool) -> bool:
    if (tokens[-1] in eos_ids) != ends or tokens[0] in eos_ids:
        return False
    return len(tokens) > 3 if ends else len(tokens) == wanted and len(set(tokens)) >= wanted // 4


def converse(decoder: Decoder, runner: OfficialRunner, turns: list[Turn]) -> tuple[list[list[int]], float]:
    """Returns the greedy tokens of each turn, and by how much the best logit led the second best where it led least.

    As the official runner does it, the last token of a turn is not fed, and the first one is not tested for the end.
    """
    decoder.reset()
    answers, margin, logits = [], float("inf"), None
    for turn in turns:
        if turn.prompt:
            logits = decoder.feed(runner.ids(turn.prompt))
        tokens: list[int] = []
        while len(tokens) < turn.max_new_tokens:
            best, second = logits.topk(2).values.tolist()
            margin = min(margin, best - second)
            tokens.append(int(logits.argmax()))
            if len(tokens) == turn.max_new_tokens or (len(tokens) > 1 and tokens[-1] in decoder.eos_ids):
                break
            logits = decoder.feed(tokens[-1:])
        answers.append(tokens)
    return answers, margin


def _refusal(
    runner: OfficialRunner, turns: list[Turn], tokens: list[list[int]], not_official: str | None
) -> str | None:
    """Returns why the official runner does not give these tokens, the program's own: its error, or the known bug."""
    try:
        official = runner.converse([(turn.prompt, turn.max_new_tokens) for turn in turns])
    except RuntimeError as error:
        return f"it says: {LENGTH.sub('more', str(error))}"
    if official != tokens and not not_official:
        raise SystemExit(f"{turns}: the official runner's tokens {official} are not the program's {tokens}")
    return None if official == tokens else not_official


def _line(runner: OfficialRunner, turns: list[Turn], tokens: list[list[int]], eos_ids: frozenset[int]) -> dict:
    if len(turns) == 1:
        ids = tokens[0][:-1] if tokens[0][-1] in eos_ids else tokens[0]
        return {"maxNewTokens": turns[0].max_new_tokens} | runner.line(turns[0].prompt, ids) | {"tokens": tokens[0]}
    asked = [{"prompt": turn.prompt, "maxNewTokens": turn.max_new_tokens} for turn in turns]
    return {"turns": [turn | {"tokens": ids} for turn, ids in zip(asked, tokens, strict=True)]}
