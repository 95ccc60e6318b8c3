"""Exports a Hugging Face causal language model as a batched program: python -m flink_executorch_models.export --help"""

import argparse
from pathlib import Path

from flink_executorch_models.export.exporter import KERNELS, Options, check_export, export_model
from flink_executorch_models.export.metadata import Limits
from flink_executorch_models.export.quantize import EMBEDDING, LINEAR


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a folder of a Hugging Face model, or its id on the hub")
    parser.add_argument("--out", type=Path, required=True, help="the .pte file to write")
    parser.add_argument("--quant", choices=LINEAR, default="8da4w", help="linear layers: bits of activations and weights")
    parser.add_argument("--embedding", choices=EMBEDDING, default="fp32", help="token embedding: bits of its weights")
    parser.add_argument("--kernels", choices=KERNELS, help="who computes what is not attention; default: ours if quantized")
    parser.add_argument("--max-step-tokens", type=int, default=512, help="most tokens of one step")
    parser.add_argument("--max-step-rows", type=int, default=128, help="most rows of logits of one step")
    parser.add_argument("--context", type=int, help="most positions of a sequence; default: what the model was trained for")
    parser.add_argument("--no-merge", action="store_true", help="leave linear layers of the same input apart")
    parser.add_argument("--no-check", action="store_true", help="do not compare the program with eager PyTorch")
    parser.add_argument("--max-error", type=float, help="largest difference allowed, as a part of the largest logit")
    parser.add_argument("--natives", type=Path, help="folder of libet_bridge, for the check; default: native/target")
    arguments = parser.parse_args()
    limits = Limits(arguments.max_step_tokens, arguments.max_step_rows, arguments.context or 0)
    options = Options(arguments.quant, arguments.embedding, limits, not arguments.no_merge, arguments.kernels)
    model = export_model(arguments.model, arguments.out, options)
    if not arguments.no_check:
        check_export(arguments.model, arguments.out, options, model, arguments.max_error, arguments.natives)


if __name__ == "__main__":
    main()
