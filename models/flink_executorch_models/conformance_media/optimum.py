"""Random models exported by optimum-executorch.

Its exporters download an image, a sound or a processor to learn the encoder's input from. Here that input is given.
"""

import logging
import tempfile
from pathlib import Path
from unittest import mock

import torch
from optimum.exporters.executorch import integrations, main_export
from transformers import PreTrainedModel

from flink_executorch_models.conformance_media.random_weights import CONTEXT


def export_multimodal(model: PreTrainedModel, example: torch.Tensor, folder: Path, **options) -> None:
    """Writes `model.pte` with an encoder for inputs like the example; for audio, of 1 to 10 windows."""
    windows = {"input_features": {0: torch.export.Dim("windows", min=1, max=10)}} if example.dim() == 3 else None
    with (
        mock.patch.object(integrations.VisionExportableModule, "prepare_export_inputs", lambda _: (example, None)),
        mock.patch.object(integrations.AudioExportableModule, "prepare_export_inputs", lambda _: (example, windows)),
    ):
        export(model, "multimodal-text-to-text", folder, max_length=CONTEXT, **options)


def export(model: PreTrainedModel, task: str, folder: Path, **options) -> None:
    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as checkpoint:
        model.save_pretrained(checkpoint)
        main_export(checkpoint, task, "xnnpack", str(folder), **options)
