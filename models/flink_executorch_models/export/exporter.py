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
from flink_executorch_models.export.multimodal import Parts, exported_methods, image_constants
from flink_executorch_models.export.quantize import quantize, quantize_linear
from flink_executorch_models.export.rewrite import rewritten
from flink_executorch_models.export.vision import takes_images


# Who computes quantized linear layers and what is between them: our kernels, or XNNPACK.
KERNELS = ("ours", "xnnpack")
# Of the largest logit. Quantized activations are rounded otherwise by XNNPACK than by PyTorch, one step in 255 here and there.
_EXACT, _QUANTIZED = 1e-4, 0.1


@dataclass(frozen=True)
class Options:
    """:param vision: how the linear layers of a vision encoder are quantized
    :param images: most images of one execution of it
    """

    linear: str
    embedding: str
    limits: Limits
    kernels: str | None = None  # of KERNELS; None: ours if linear layers are quantized
    vision: str = "8da8w"
    images: int = 8

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
    merge_linears(model)
    quantize(model, options.linear, options.embedding, packed=options.ours())
    program = exported(BatchedModel(model).eval(), options.limits)
    facts = constants(program, model, options.limits, special_ids(model), template)
    return lowered({"forward": exported(rewritten(program), options.limits)}, facts, options.ours())


def chat_template(source: str) -> str | None:
    """The template, if the model is one for chats. A folder need not hold a tokenizer."""
    if Path(source).is_dir() and not Path(source, "tokenizer_config.json").exists():
        return None
    template = AutoTokenizer.from_pretrained(source).chat_template
    return template["default"] if isinstance(template, dict) else template


def load_parts(source: str, options: Options) -> tuple[Parts, Options]:
    """The same of a model for text and images."""
    parts = Parts.load(source)
    context = options.limits.context or parts.text.config.max_position_embeddings
    return parts, replace(options, limits=replace(options.limits, context=context))


def convert_parts(parts: Parts, options: Options, template: str | None) -> Lowered:
    """Changes the parts in place."""
    prepare(parts.text, options.limits.context)
    if options.ours():
        fuse(parts.text)
    merge_linears(parts.text)
    quantize(parts.text, options.linear, options.embedding, packed=options.ours())
    quantize_linear(parts.encoder, options.vision, packed=options.ours())
    programs = exported_methods(parts, options.limits, options.images)
    facts = constants(programs["text_decoder"], parts.text, options.limits, special_ids(parts.text), template)
    return lowered(programs, facts | image_constants(parts, programs["vision_encoder"]), options.ours())


def export_model(source: str, out: Path, options: Options) -> PreTrainedModel | None:
    """Writes the file, and returns the model as it was exported if it is one for text alone."""
    if takes_images(AutoConfig.from_pretrained(source)):
        model = None
        parts, options = load_parts(source, options)
        result = convert_parts(parts, options, chat_template(source))
    else:
        model, options = load(source, options)
        result = convert(model, options, chat_template(source))
    out.write_bytes(result.buffer)
    print(f"{out}: {len(result.buffer) / 1e6:.1f} MB, {options.limits}")
    for name, count in result.operators.most_common():
        print(f"{count:6} {name}")
    return model


def check_export(source: str, out: Path, options: Options, model: PreTrainedModel, most: float | None, natives) -> None:
    """Compares the file with the model it was made of, as the library loads it, and with what the exporter made of that.

    :raises SystemExit: where they differ by more than `most`: from the library's if nothing is quantized, else from the exporter's
    """
    wanted = check.steps(model.config.vocab_size, min(options.limits.step_tokens, options.limits.step_rows))
    program = check.program_logits(out, wanted, natives)
    exact, resolved = load(source, options)
    prepare(exact.float(), resolved.limits.context)
    plain = check.eager_logits(BatchedModel(exact).eval(), wanted)
    largest = max(float(logits.abs().max()) for logits in plain)
    found = check.largest_difference(program, plain) / largest
    print(f"largest difference to eager PyTorch in float32: {found:.2e} of the largest logit, {largest:.3f}")
    bound = _EXACT
    if options.linear != "fp32" or options.embedding != "fp32":
        found = check.largest_difference(program, check.eager_logits(BatchedModel(model).eval(), wanted)) / largest
        print(f"largest difference to the quantized model in eager PyTorch: {found:.2e}")
        bound = _EXACT if options.linear == "fp32" else _QUANTIZED
    bound = bound if most is None else most
    if not found <= bound:
        raise SystemExit(f"{out} differs from eager PyTorch by {found:.2e} of the largest logit, allowed are {bound:.2e}")
