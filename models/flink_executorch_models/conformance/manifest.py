"""The list of what was tried: `sample-data/conformance/text.json`, one entry per exported program."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RUNS, FAILS = "runs", "exporter fails"


@dataclass(frozen=True)
class Entry:
    """One program of the suite.

    :param name: folder of the artifacts, and prefix of the goldens' ids
    :param program: what is special about it, for readers
    :param export: writes `model.pte` into an empty folder, or raises `ExportFailed`
    :param new_tokens: length of the golden completions
    :param conversations: whether goldens of several turns are wanted too
    :param tokens: most tokens of prompt and completion that the program can hold, where that is not what it says
    :param state: whether the program keeps more than a cache, which only opening it anew clears
    :param lacks: the operator for which this project's runtime has no kernel, so that it refuses the program
    :param not_official: why the official runner's tokens are wrong, if they are
    """

    name: str
    family: str
    exporter: str
    program: str
    export: Callable[[Path], None]
    new_tokens: int = 24
    conversations: bool = False
    tokens: int | None = None
    state: bool = False
    lacks: str | None = None
    not_official: str | None = None

    def answers_to(self, names: list[str]) -> bool:
        """Whether one of the names is its own or its family's; no names mean everything."""
        return not names or any(name.lower() in (self.name, self.family.lower()) for name in names)

    def line(self, status: str, error: str | None = None, oracle: str | None = None) -> dict:
        return {
            "name": self.name,
            "family": self.family,
            "exporter": self.exporter,
            "runner": "TextLLMRunner",
            "program": self.program,
            "status": status,
            "error": error,
            "folder": self.name if status == RUNS else None,
            "lacks": self.lacks,
            "oracle": oracle,
        }


def update(path: Path, entries: list[Entry], lines: dict[str, dict]) -> None:
    """Writes the manifest: new lines where there are some, else what it said before, the description as it is now."""
    before = json.loads(path.read_text()) if path.exists() else []
    known = {line["name"]: line for line in before} | lines
    current = [known[entry.name] | {"program": entry.program} for entry in entries if entry.name in known]
    path.write_text(json.dumps(current, indent=2) + "\n")
