"""Writes the golden files of the chat templates: `python -m flink_executorch_models.chat_goldens FOLDER`.

`FOLDER/templates/*.jinja` are rendered with each conversation as transformers renders them, at a fixed moment; each
construct is one small template. A refusal is a golden too: its kind tells whether parsing or rendering refused.
"""

import argparse
import json
from datetime import datetime
from pathlib import Path

import jinja2
from transformers.utils import chat_template_utils

from flink_executorch_models.chat_constructs import EXPRESSIONS, STATEMENTS, VARIABLES
from flink_executorch_models.chat_conversations import CONVERSATIONS

SPECIAL_TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "</s>"}
MOMENT = datetime(2026, 3, 7, 15, 4, 5)


class FixedDatetime(datetime):
    @classmethod
    def now(cls, tz=None):
        return MOMENT


def rendered(template: str, conversation: dict) -> dict:
    """What transformers renders, or what kind of error it ends with."""
    chat_template_utils.datetime = FixedDatetime
    arguments = SPECIAL_TOKENS | conversation
    messages = arguments.pop("messages")
    try:
        texts, _ = chat_template_utils.render_jinja_template([messages], chat_template=template, **arguments)
        return {"text": texts[0]}
    except (jinja2.TemplateSyntaxError, SyntaxError):
        return {"refused": "parse"}
    except jinja2.TemplateError as error:
        plain = type(error) is jinja2.TemplateError
        return {"refused": "render"} | ({"message": error.message} if plain else {})
    except Exception:
        return {"refused": "render"}


def conversation_goldens(templates: list[Path]) -> list[dict]:
    return [
        {"template": template.name, "conversation": name} | rendered(template.read_text(), conversation)
        for template in templates
        for name, conversation in CONVERSATIONS.items()
    ]


def construct_goldens() -> list[dict]:
    sources = ["{{ " + expression + " }}" for expression in EXPRESSIONS] + STATEMENTS
    assert len(set(sources)) == len(sources), [source for source in sources if sources.count(source) > 1]
    return [{"source": source} | rendered(source, {"messages": []} | VARIABLES) for source in sources]


def write_lines(file: Path, entries: list[dict]) -> None:
    file.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries))


def write_goldens(folder: Path) -> None:
    (folder / "conversations.json").write_text(json.dumps(CONVERSATIONS, ensure_ascii=False, indent=1) + "\n")
    (folder / "variables.json").write_text(json.dumps(VARIABLES, ensure_ascii=False, indent=1) + "\n")
    write_lines(folder / "rendered.jsonl", conversation_goldens(sorted((folder / "templates").glob("*.jinja"))))
    write_lines(folder / "constructs.jsonl", construct_goldens())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="runner/src/test/resources/chat")
    write_goldens(parser.parse_args().folder)
