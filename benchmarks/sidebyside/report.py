"""Writes what was measured: rows as JSON, tables as Markdown, throughput against sequences as SVG."""

import json
from datetime import UTC, datetime
from pathlib import Path

import builds
import machine
from limit import measured_limits
from measure import Comparison
from plot import throughput_plot
from processes import THREADS

QUIET = 0.05  # share of the cores that other work may take


class Report:
    """Written again after each case, so that a run that is ended keeps what it has."""

    def __init__(self, folder: Path, command: str, rounds: int):
        started = datetime.now(UTC)
        self._path = folder / f"{started:%Y-%m-%d-%H%M}-side-by-side"
        self._facts = {
            "date": f"{started:%Y-%m-%d %H:%M} UTC",
            "command": command,
            "commit": machine.revision(builds.REPOSITORY),
            "rounds": rounds,
            "threads": THREADS,
            "machine": machine.description(),
            "limits": measured_limits(),
        }
        self._comparisons: list[Comparison] = []

    @property
    def markdown(self) -> Path:
        return self._path.with_suffix(".md")

    def add(self, comparisons: list[Comparison]) -> None:
        self._comparisons += comparisons
        rows = [comparison.row() for comparison in self._comparisons]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.with_suffix(".json").write_text(json.dumps(self._facts | {"rows": rows}, indent=1) + "\n")
        plot = throughput_plot(self._comparisons)
        if plot:
            self._path.with_suffix(".svg").write_text(plot)
        self.markdown.write_text(_markdown(self._facts, rows, self._path.with_suffix(".svg").name if plot else ""))


def _markdown(facts: dict, rows: list[dict], plot: str) -> str:
    limits = facts["limits"]
    measured = [row for row in rows if "failure" not in row]
    failed = [row for row in rows if "failure" in row]
    lines = [f"# Side by side, {facts['date']}", ""]
    lines += [
        f"`{facts['command']}`, commit {facts['commit']}; {facts['threads']} threads each; {facts['rounds']} rounds,"
    ]
    lines += [
        "ours and the peer in turn after a warm-up of both. A ratio is ours per peer in one round: the median, and the"
    ]
    lines += [
        "least and the most of the rounds. Tokens per second are medians, of prompts and completions together.",
        "",
    ]
    busy = max((row["busyBefore"] for row in measured), default=0)
    if busy > QUIET:
        lines += [
            f"**The machine was not quiet: other work took up to {busy:.0%} of its cores. Peers that wait by spinning"
        ]
        lines += ["suffer from that far more than others, so these ratios say little.**", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts["machine"].items())]
    lines += [f"| memory bandwidth | {limits['bandwidth'] / 1e9:.1f} GB/s |"]
    lines += [f"| int8 peak | {limits['int8'] / 1e9:.0f} Gop/s |", f"| f32 peak | {limits['f32'] / 1e9:.0f} Gflop/s |"]
    versions = dict.fromkeys((row["peerName"], row["peerVersion"]) for row in measured)
    lines += [f"| {name} | {version} |" for name, version in versions]
    lines += ["", "| case | peer | ours | peer's | | ratio | from | to |", "|---|---|--:|--:|---|--:|--:|--:|"]
    lines += [
        f"| {row['case']} | {row['peerName']} | {row['ours']:.0f} | {row['peer']:.0f} | {row['unit']} "
        f"| **{row['ratio']:.2f}** | {row['ratioMin']:.2f} | {row['ratioMax']:.2f} |"
        for row in measured
    ]
    if failed:
        lines += ["", "## Failed", "", *(f"- {row['case']}, {row['peerName']}: {row['failure']}" for row in failed)]
    if plot:
        lines += ["", f"![Tokens per second against sequences]({plot})"]
    return "\n".join(lines) + "\n"
