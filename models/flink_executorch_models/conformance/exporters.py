"""The official exporters, run as their users run them: one command, one `model.pte`."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from executorch.examples.models.llama.llama_transformer import construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from transformers import AutoModelForCausalLM, PretrainedConfig

from flink_executorch_models.conformance.tokenizer import SEED, ascii_tokenizer
from flink_executorch_models.tickets import tokenizer as tickets_tokenizer

ERROR = re.compile(r"^((?:\w+\.)+\w+: .+|\w*(?:Error|Exception)\b.*)$", re.MULTILINE)
PLACE = re.compile(r'^ +File ".*", line \d+, in (\w+)$', re.MULTILINE)


class ExportFailed(Exception):
    """The exporter's own error, in one line."""


def export_llm(work: Path, model_class: str, params: dict, deviation: float, *options: str) -> None:
    """Exports a random checkpoint of ExecuTorch's own transformer to `work/model.pte` (and `.ptd` where asked for).

    :param params: what a `params.json` beside a checkpoint says
    :param deviation: standard deviation of the weights
    :param options: `section.name=value` as the exporter's command line takes them
    """
    (work / "params.json").write_text(json.dumps(params))
    torch.save(random_weights(params, deviation), work / "checkpoint.pth")
    module = "executorch.extension.llm.export.export_llm"
    fixed = [
        f"base.model_class={model_class}",
        "base.checkpoint=checkpoint.pth",
        "base.params=params.json",
        "export.output_name=model",
        "export.output_dir=.",
        "hydra.run.dir=hydra",
    ]
    _run(work, [sys.executable, "-m", module, *fixed, *options])


def optimum(work: Path, config: PretrainedConfig, *options: str) -> None:
    """Exports a random Hugging Face model with optimum-executorch to `work/model.pte`.

    :param options: as `optimum-cli export executorch` takes them
    """
    checkpoint = work / "checkpoint"
    torch.manual_seed(SEED)
    model = AutoModelForCausalLM.from_config(config).eval()
    model.save_pretrained(checkpoint)
    tickets_tokenizer.save(ascii_tokenizer(), checkpoint)
    command = [str(Path(sys.executable).with_name("optimum-cli")), "export", "executorch"]
    fixed = ["--model", "checkpoint", "--task", "text-generation", "--output_dir", "."]
    _run(work, [*command, *fixed, *options])


def random_weights(params: dict, deviation: float) -> dict[str, torch.Tensor]:
    """Returns the weights of ExecuTorch's transformer, normally distributed: a norm's and a bias's around what they are
    at first, all others around 0."""
    generator = torch.Generator().manual_seed(SEED)
    weights = {}
    for name, weight in construct_transformer(ModelArgs(**params)).state_dict().items():
        if name.endswith((".weight", ".bias")) or weight.is_floating_point() and "." in name:
            noise = torch.randn(weight.shape, generator=generator)
            weights[name] = noise * deviation if weight.dim() > 1 else weight + 0.1 * noise
    return weights


def _run(work: Path, command: list[str]) -> None:
    """Runs an exporter in the folder `work`, its output in `work/export.log`."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    with (work / "export.log").open("w") as log:
        status = subprocess.run(command, cwd=work, env=environment, stdout=log, stderr=log).returncode
    if status != 0:
        text = (work / "export.log").read_text(errors="replace")
        errors, places = ERROR.findall(text), PLACE.findall(text)
        error = errors[-1] if errors else text.strip().splitlines()[-1]
        raise ExportFailed(f"{error} (in {places[-1]})" if places else error)
    if not (work / "model.pte").exists():
        raise ExportFailed("the exporter succeeded but wrote no model.pte")


def fresh(folder: Path) -> Path:
    """Empties a folder for one export."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
