"""What everybody who is measured answers with, and those who answer from a process that stays loaded."""

import os
from dataclasses import dataclass
from pathlib import Path

import builds
from processes import THREADS, Answering


@dataclass(frozen=True)
class Run:
    """One run of a workload."""

    seconds: float
    prompt_tokens: int
    new_tokens: int
    resident_kib: int = 0
    heap_kib: int = 0  # of Java
    step_micros: float = 0.0  # of our engine: inside the runtime, an average step
    overhead_micros: float = 0.0  # of our engine: between two steps
    decode_micros: float = 0.0  # from one new token to the next, where only one sequence runs

    @property
    def tokens_per_second(self) -> float:
        """Of the prompts and of the completions together."""
        return (self.prompt_tokens + self.new_tokens) / self.seconds


class Answerer:
    """One whose process takes workload files."""

    def __init__(self, name: str, command: list):
        environment = os.environ | {"PYTHONPATH": builds.python_path(), "OMP_NUM_THREADS": str(THREADS)}
        self._process = Answering(name, command, environment)
        self.version = self._process.facts["version"]

    def run(self, workload: Path) -> Run:
        answer = self._process.ask(str(workload))
        return Run(
            answer["seconds"],
            answer["promptTokens"],
            answer["newTokens"],
            answer.get("residentKiB", 0),
            answer.get("heapKiB", 0),
            answer.get("stepMicros", 0.0),
            answer.get("overheadMicros", 0.0),
            # The first new token comes with the prompt.
            answer.get("decodeSeconds", 0.0) * 1e6 / max(1, answer["newTokens"] - 1),
        )

    def close(self) -> None:
        self._process.close()
