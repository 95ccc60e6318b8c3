"""Makes the multimodal half of `sample-data/conformance`, its list and the page of both halves."""

import argparse
import json

from flink_executorch_models.conformance import page
from flink_executorch_models.conformance_media.families import FAMILIES
from flink_executorch_models.conformance_media.family import CONFORMANCE


def main() -> None:
    names = [family.name for family in FAMILIES]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all by default: {', '.join(names)}")
    wanted = parser.parse_args().names or names
    if unknown := set(wanted) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")

    path = CONFORMANCE / "media.json"
    entries = {entry["name"]: entry for entry in json.loads(path.read_text())} if path.exists() else {}
    for family in FAMILIES:
        if family.name in wanted:
            entries[family.name] = family.make()
            print(f"{family.name}: {entries[family.name]['status']} {entries[family.name]['error'] or ''}", flush=True)
            listed = [entries[name] for name in names if name in entries]
            path.write_text(json.dumps(listed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    page.write()


if __name__ == "__main__":
    main()
