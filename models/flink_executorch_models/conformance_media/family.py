"""One artifact of the conformance suite: how it is made, and its entry in `media.json`."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer

from flink_executorch_models.conformance_media.goldens import PLACEHOLDER
from flink_executorch_models.conformance_media.signature import signature

CONFORMANCE = Path(__file__).parents[3] / "sample-data" / "conformance"
SEED = 23  # of the biases and class tokens that a model starts with, and of example inputs
TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]


@dataclass(frozen=True)
class Family:
    """`write` fills the artifact's folder, in which the tokenizer lies already; what it raises goes into the list."""

    name: str
    family: str
    exporter: str
    runner: str
    program: str
    write: Callable[[Path], None]
    oracle: str = "official runner"  # of the goldens, where there are any
    placeholder: bool = False  # whether the tokenizer knows the image's placeholder
    unsupported: str | None = None  # why no runner takes the program, if it is here to be refused

    def make(self) -> dict:
        """Makes the folder anew and returns the entry of the list."""
        folder = CONFORMANCE / self.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._write_tokenizer(folder)
        torch.manual_seed(SEED)
        try:
            self.write(folder)
        except Exception as error:  # whatever an exporter fails with belongs in the list
            shutil.rmtree(folder)
            return self._entry("exporter fails", _one_line(error), None, {})
        status = "not supported" if self.unsupported else "runs"
        return self._entry(status, self.unsupported, self.name, signature(folder / "model.pte"))

    def _write_tokenizer(self, folder: Path) -> None:
        for file in TOKENIZER_FILES:
            shutil.copy(CONFORMANCE / "optimum-llama" / file, folder / file)
        if self.placeholder:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.add_special_tokens([PLACEHOLDER])
            tokenizer.save(str(folder / "tokenizer.json"))

    def _entry(self, status: str, error: str | None, folder: str | None, methods: dict[str, str]) -> dict:
        return {
            "name": self.name,
            "family": self.family,
            "exporter": self.exporter,
            "runner": self.runner,
            "program": self.program,
            "status": status,
            "error": error,
            "oracle": self.oracle if status == "runs" else None,
            "folder": folder,
            "methods": methods,
        }


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
