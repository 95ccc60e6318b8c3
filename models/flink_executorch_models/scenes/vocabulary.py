"""The words of captions and what they mean, from the file that readers in other languages use too."""

import json
from pathlib import Path

SAMPLE = Path(__file__).parents[3] / "sample-data" / "scenes"
_FILE = json.loads((SAMPLE / "vocabulary.json").read_text(encoding="utf-8"))

PLURALS: dict[str, str] = _FILE["things"]
KINDS = list(PLURALS)
COLOURS: list[str] = _FILE["colours"]
SIZE_WORDS: dict[str, str] = _FILE["sizes"]
SIZES = ["small", "medium", "large"]
COUNT_WORDS: dict[str, int] = _FILE["counts"]
RELATION_PHRASES: dict[str, str] = _FILE["relations"]
RELATIONS = list(dict.fromkeys(RELATION_PHRASES.values()))
INVERSES: dict[str, str] = _FILE["inverses"]
BACK: list[str] = _FILE["back"]
ROW: list[str] = _FILE["row"]
SETTINGS: dict[str, dict[str, str]] = _FILE["settings"]
WEATHERS = list(dict.fromkeys(setting["weather"] for setting in SETTINGS.values()))
TIMES = list(dict.fromkeys(setting["time"] for setting in SETTINGS.values()))
MOST = max(COUNT_WORDS.values())


def phrases_of(meanings: dict, meaning) -> list[str]:
    """The phrases that mean this."""
    return [phrase for phrase, value in meanings.items() if value == meaning]
