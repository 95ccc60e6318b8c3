"""Programs that stay loaded between rounds and answer on their standard output."""

import json
import subprocess
import time
from pathlib import Path

from answers import MARK
from builds import TARGET, Missing

THREADS = 2  # of everybody who is measured


class Answering:
    """A process that answers a line with a line; what else it prints is in its log."""

    def __init__(self, name: str, command: list, environment: dict | None = None):
        self.log = TARGET / "logs" / f"run-{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("w") as errors:
            self._process = subprocess.Popen(
                list(map(str, command)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
            )
        self.facts = self._answer()

    def ask(self, line: str) -> dict:
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # then there is no answer either
        return self._answer()

    def close(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _answer(self) -> dict:
        for line in self._process.stdout:
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
        status = self._process.wait()
        raise Missing(f"ended with status {status}: {last_line(self.log)}")


def last_line(log: Path) -> str:
    """The line of a log that says most: the last that names an error, or the last."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "rror" in line or "xception" in line]
    return (errors or lines or ["no output"])[-1].strip()[:300]


def wait_until(ready, seconds: float) -> bool:
    """Asks every tenth of a second."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.1)
    return False
