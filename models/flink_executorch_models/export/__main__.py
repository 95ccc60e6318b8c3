"""Exports a Hugging Face language model, with or without images, as a batched program: python -m flink_executorch_models.export --help"""

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
    parser.add_argument("--vision-quant", choices=LINEAR, default="8da8w", help="the same of a vision encoder's layers")
    parser.add_argument("--max-images", type=int, default=8, help="most images of one execution of a vision encoder")
    parser.add_argument("--max-step-tokens", type=int, default=512, help="most tokens of one step")
    parser.add_argument("--max-step-rows", type=int, default=128, help="most rows of logits of one step")
    parser.add_argument("--context", type=int, help="most positions of a sequence; default: what the model was trained for")
    parser.add_argument("--no-check", action="store_true", help="do not compare the program with eager PyTorch")
    parser.add_argument("--max-error", type=float, help="largest difference allowed, as a part of the largest logit")
    parser.add_argument("--natives", type=Path, help="folder of libet_bridge, for the check; default: native/target")
    arguments = parser.parse_args()
    limits = Limits(arguments.max_step_tokens, arguments.max_step_rows, arguments.context or 0)
    options = Options(
        arguments.quant,
        arguments.embedding,
        limits,
        arguments.kernels,
        vision=arguments.vision_quant,
        images=arguments.max_images,
    )
    model = export_model(arguments.model, arguments.out, options)
    if model is None:
        print("not compared with eager PyTorch: the check knows programs for text alone")
    elif not arguments.no_check:
        check_export(arguments.model, arguments.out, options, model, arguments.max_error, arguments.natives)


if __name__ == "__main__":
    main()
