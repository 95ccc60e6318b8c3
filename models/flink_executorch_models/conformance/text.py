"""Makes the text half of the conformance suite: `python -m flink_executorch_models.conformance.text [NAME ...]`.

A name is an entry's or a family's; without names everything is made again. What an exporter refuses is listed with its
error in the manifest.
"""

import argparse
import shutil
from pathlib import Path

from flink_executorch_models.conformance import export_llm_models, optimum_models, page, script_models
from flink_executorch_models.conformance.exporters import ExportFailed, fresh
from flink_executorch_models.conformance.goldens import write_goldens
from flink_executorch_models.conformance.manifest import FAILS, RUNS, Entry, update
from flink_executorch_models.conformance.tokenizer import ascii_tokenizer
from flink_executorch_models.tickets import tokenizer as tickets_tokenizer

ENTRIES = [*export_llm_models.ENTRIES, *optimum_models.ENTRIES, *script_models.ENTRIES]
MODELS = Path(__file__).parents[2]
CONFORMANCE = MODELS.parent / "sample-data" / "conformance"
WORK = MODELS / "target" / "conformance"


def make(entry: Entry) -> dict:
    """Exports one program and writes its artifacts and goldens; returns its line of the manifest."""
    work, folder = fresh(WORK / entry.name), CONFORMANCE / entry.name
    try:
        entry.export(work)
    except ExportFailed as failure:
        print(f"{entry.name}: {failure}")
        shutil.rmtree(folder, ignore_errors=True)
        return entry.line(FAILS, error=str(failure))
    fresh(folder)
    for artifact in [work / "model.pte", *work.glob("*.ptd")]:
        shutil.copy(artifact, folder)
    tickets_tokenizer.save(ascii_tokenizer(), folder)
    return ask(entry)


def ask(entry: Entry) -> dict:
    """Writes only the goldens again."""
    return entry.line(RUNS, oracle=write_goldens(CONFORMANCE / entry.name, entry))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--goldens", action="store_true", help="keep the programs, write only their goldens again")
    arguments = parser.parse_args()
    chosen = [entry for entry in ENTRIES if entry.answers_to(arguments.names)]
    if not chosen:
        parser.error(f"no entry or family of these names; there are {[entry.name for entry in ENTRIES]}")
    for entry in chosen:
        update(CONFORMANCE / "text.json", ENTRIES, {entry.name: (ask if arguments.goldens else make)(entry)})
        page.write()


if __name__ == "__main__":
    main()
