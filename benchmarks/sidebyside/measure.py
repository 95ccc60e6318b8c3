"""One case: ours and a peer in turn, so that what the machine does beside hits both."""

import sys
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from statistics import median

import builds
import contestants
import machine
import workloads
from builds import Missing
from cases import JAVA_LLAMA_CPP, ONE_AT_A_TIME, Case
from runs import Run

MOST_MISSED = 0.02  # of the new tokens: one that ignores no end of sequence may stop a little early


@dataclass
class Comparison:
    """Ours against one peer in one case; `failure` says why there are no rounds."""

    case: Case
    peer: str
    version: str = ""
    rounds: list[tuple[Run, Run]] = field(default_factory=list)
    failure: str = ""
    busy: float = 0.0  # share of the cores at work before the first round, both contestants waiting

    @property
    def ratios(self) -> list[float]:
        """Ours per peer, a round each."""
        return [self.ours(ours) / self.theirs(peer) for ours, peer in self.rounds]

    @property
    def unit(self) -> str:
        return {"memory": "MiB", "overhead": "us a step", "decode": "new tokens/s", "captions": "images/s"}.get(self.case.kind, "tokens/s")

    def ours(self, run: Run) -> float:
        return run.overhead_micros if self.case.kind == "overhead" else self._value(run)

    def theirs(self, run: Run) -> float:
        return run.step_micros if self.case.kind == "overhead" else self._value(run)

    def _value(self, run: Run) -> float:
        if self.case.kind == "decode":
            return 1e6 / run.decode_micros
        if self.case.kind == "captions":
            return self.case.records / run.seconds
        return (run.resident_kib - run.heap_kib) / 1024 if self.case.kind == "memory" else run.tokens_per_second

    def row(self) -> dict:
        case = self.case
        row = {"case": case.name, "bits": case.bits, "sequences": case.sequences, "prompt": case.prompt}
        row |= {"generated": case.generated, "peerName": self.peer, "peerVersion": self.version}
        if self.failure:
            return row | {"failure": self.failure}
        row["unit"] = self.unit
        row["ours"] = median(self.ours(ours) for ours, _ in self.rounds)
        row["peer"] = median(self.theirs(peer) for _, peer in self.rounds)
        row |= {"ratio": median(self.ratios), "ratioMin": min(self.ratios), "ratioMax": max(self.ratios)}
        row["busyBefore"] = round(self.busy, 3)
        return row | {"rounds": [{"ours": vars(ours), "peer": vars(peer)} for ours, peer in self.rounds]}


def compare(case: Case, peers: list[str], rounds: int) -> list[Comparison]:
    """Measures a case against each of the peers. What fails is an answer too."""
    comparisons = [Comparison(case, peer) for peer in peers]
    for in_flink in (False, True):  # one that is called from Flink is measured against ours in Flink
        group = [comparison for comparison in comparisons if (comparison.peer == JAVA_LLAMA_CPP) == in_flink]
        if group:
            _group(group, contestants.through_flink if in_flink else contestants.ours, rounds)
    return comparisons


def _group(group: list[Comparison], open_ours, rounds: int) -> None:
    case = group[0].case
    try:
        prompts = _Workloads(case)
        ours = open_ours(case)
    except Missing as failure:
        for comparison in group:
            comparison.failure = f"ours: {failure}"
            print(_line(comparison), file=sys.stderr, flush=True)
        return
    try:
        for comparison in group:
            try:
                _rounds(comparison, ours, prompts, rounds)
            except (Missing, OSError, HTTPException) as failure:
                comparison.failure = str(failure) or type(failure).__name__
            print(_line(comparison), file=sys.stderr, flush=True)
    finally:
        ours.close()


def _rounds(comparison: Comparison, ours, prompts: "_Workloads", rounds: int) -> None:
    peer = contestants.peer(comparison.peer, comparison.case)
    comparison.version = peer.version
    try:
        both = (ours, "ours"), (peer, comparison.peer)
        warm_up = prompts.next()
        for contestant, name in both:
            _checked(contestant, warm_up, name)
        comparison.busy = machine.busy()
        for _ in range(rounds):
            workload = prompts.next()
            comparison.rounds.append(tuple(_checked(contestant, workload, name) for contestant, name in both))
            if comparison.peer == ONE_AT_A_TIME:
                _require_same_tokens(*comparison.rounds[-1])
    finally:
        peer.close()


class _Workloads:
    """One after another, each new to whoever is measured."""

    def __init__(self, case: Case):
        self._case = case
        self._tokenizer = builds.weights(case.shape) / "tokenizer.json"
        self._count = 0

    def next(self) -> tuple[Path, dict]:
        file = builds.TARGET / "workloads" / f"{self._case.name}-{self._count}.jsonl"
        expected = workloads.write(self._case, self._count, self._tokenizer, file)
        self._count += 1
        return file, expected


def _checked(contestant, workload: tuple[Path, dict], name: str) -> Run:
    file, expected = workload
    run = contestant.run(file)
    if not expected:
        return run
    missed = expected["newTokens"] - run.new_tokens
    if run.prompt_tokens != expected["promptTokens"] or not 0 <= missed <= MOST_MISSED * expected["newTokens"]:
        raise Missing(
            f"{name} read {run.prompt_tokens} and wrote {run.new_tokens} tokens, "
            f"not {expected['promptTokens']} and {expected['newTokens']}"
        )
    return run


def _require_same_tokens(ours: Run, peer: Run) -> None:
    """Where the model ends its answers itself, ours in both settings writes the same ones."""
    counts = [(run.prompt_tokens, run.new_tokens) for run in (ours, peer)]
    if counts[0] != counts[1] or 0 in counts[0]:
        raise Missing(f"tokens read and written differ: {counts[0]} and {counts[1]}")


def _line(comparison: Comparison) -> str:
    row = comparison.row()
    if comparison.failure:
        return f"{row['case']}: {row['peerName']}: FAILED: {comparison.failure}"
    return (
        f"{row['case']}: ours {row['ours']:.0f} {row['unit']}, {row['peerName']} {row['peer']:.0f}: "
        f"{row['ratio']:.2f} ({row['ratioMin']:.2f} to {row['ratioMax']:.2f})"
    )
