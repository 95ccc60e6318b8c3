"""Writes `docs/conformance.md` from the manifests: which families run, and which the exporters refuse."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[3]
CONFORMANCE = ROOT / "sample-data" / "conformance"
PAGE = ROOT / "docs" / "conformance.md"
HEAD = """# Conformance

Tiny models of many families, exported by the official exporters and run by this library. Every greedy token must be the
one of the oracle: ExecuTorch's own runner or, where that runner cannot run a program, the program called directly.
Tests run every row that says "runs"; what an exporter refuses is listed with its error, and what this library refuses
with the operator it has no kernel for.

`models/conformance` makes the models, their golden tokens and this page again; do not edit it by hand.

| family | model | exporter | runner | program | result | oracle |
|---|---|---|---|---|---|---|
"""


def rows() -> list[str]:
    return [_row(line) for name in ("text.json", "media.json") for line in _manifest(CONFORMANCE / name)]


def write() -> None:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(HEAD + "".join(row + "\n" for row in rows()), encoding="utf-8")


def _manifest(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def _row(line: dict) -> str:
    cells = [line["family"], line["name"], line["exporter"], line["runner"], line["program"], _result(line)]
    return "| " + " | ".join(_cell(cell) for cell in [*cells, line.get("oracle") or "-"]) + " |"


def _result(line: dict) -> str:
    if line.get("lacks"):
        return f"refused: no kernel for {line['lacks']}"
    return line["status"] if line["error"] is None else f"{line['status']}: {line['error']}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    write()
