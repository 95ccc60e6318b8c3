"""The steps of an export, from a folder of weights to a `.pte` file."""

from dataclasses import dataclass, replace
from pathlib import Path

from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from flink_executorch_models.export import attention, check
from flink_executorch_models.export.batched import BatchedModel
from flink_executorch_models.export.families import check_family, prepare
from flink_executorch_models.export.fused import fuse
from flink_executorch_models.export.lower import Lowered, exported, lowered
from flink_executorch_models.export.merge import merge_linears
from flink_executorch_models.export.metadata import Limits, constants, special_ids
from flink_executorch_models.export.quantize import quantize
from flink_executorch_models.export.rewrite import rewritten
from flink_executorch_models.export.xnnpack import partitioner


# Who computes quantized linear layers and what is between them: our kernels, or XNNPACK.
KERNELS = ("ours", "xnnpack")
# Of the largest logit. Quantized activations are rounded otherwise by XNNPACK than by PyTorch, one step in 255 here and there.
_EXACT, _QUANTIZED = 1e-4, 0.1


@dataclass(frozen=True)
class Options:
    linear: str
    embedding: str
    limits: Limits
    merge: bool = True
    kernels: str | None = None  # of KERNELS; None: ours if linear layers are quantized

    def ours(self) -> bool:
        return self.kernels == "ours" or (self.kernels is None and self.linear != "fp32")


def load(source: str, options: Options) -> tuple[PreTrainedModel, Options]:
    """The model with the operator as its attention, in the data type of its file; and its context where none was asked for."""
    config = AutoConfig.from_pretrained(source)
    check_family(config)
    trained = config.max_position_embeddings
    context = options.limits.context or trained
    if config.model_type in ("gpt2", "opt") and context > trained:
        raise ValueError(f"The model has learned {trained} positions: --context {context} is too long.")
    model = AutoModelForCausalLM.from_pretrained(source, dtype="auto", attn_implementation=attention.NAME).eval()
    return model, replace(options, limits=replace(options.limits, context=context))


def convert(model: PreTrainedModel, options: Options, template: str | None) -> Lowered:
    """Changes the model in place."""
    prepare(model, options.limits.context)
    if options.ours():
        fuse(model)
    if options.merge:
        merge_linears(model)
    quantize(model, options.linear, options.embedding, packed=options.ours())
    program = exported(BatchedModel(model).eval(), options.limits)
    facts = constants(program, model, options.limits, special_ids(model), template)
    return lowered(exported(rewritten(program), options.limits), facts, partitioner(views=not options.ours()))


def chat_template(source: str) -> str | None:
    """The template, if the model is one for chats. A folder need not hold a tokenizer."""
    if Path(source).is_dir() and not Path(source, "tokenizer_config.json").exists():
        return None
    template = AutoTokenizer.from_pretrained(source).chat_template
    return template["default"] if isinstance(template, dict) else template


def export_model(source: str, out: Path, options: Options) -> PreTrainedModel:
    """Writes the file, and returns the model as it was exported."""
    model, options = load(source, options)
    result = convert(model, options, chat_template(source))
    out.write_bytes(result.buffer)
    print(f"{out}: {len(result.buffer) / 1e6:.1f} MB, {options.limits}")
    for name, count in result.operators.most_common():
        print(f"{count:6} {name}")
    return model


def check_export(source: str, out: Path, options: Options, model: PreTrainedModel, most: float | None, natives) -> None:
    """Compares the file with the model it was made of. :raises SystemExit: where they differ by more than `most`"""
    wanted = check.steps(model.config.vocab_size, min(options.limits.step_tokens, options.limits.step_rows))
    eager = check.eager_logits(BatchedModel(model).eval(), wanted)
    program = check.program_logits(out, wanted, natives)
    largest = max(float(logits.abs().max()) for logits in eager)
    found = check.largest_difference(program, eager) / largest
    print(f"largest difference to eager PyTorch: {found:.2e} of the largest logit, {largest:.3f}")
    if options.linear != "fp32" or options.embedding != "fp32":
        exact, resolved = load(source, options)
        prepare(exact.float(), resolved.limits.context)
        plain = check.eager_logits(BatchedModel(exact).eval(), wanted)
        print(f"largest difference to eager PyTorch in float32: {check.largest_difference(program, plain) / largest:.2e}")
    bound = (_EXACT if options.linear == "fp32" else _QUANTIZED) if most is None else most
    if not found <= bound:
        raise SystemExit(f"{out} differs from eager PyTorch by {found:.2e} of the largest logit, allowed are {bound:.2e}")
