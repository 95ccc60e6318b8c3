"""The signature of a program's methods, in words."""

from pathlib import Path

from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers the kernels of the LLM operators
from executorch.extension.pybindings.portable_lib import _load_for_executorch
from executorch.kernels import quantized  # noqa: F401  registers the kernels of quantized embeddings

TYPES = {0: "u8", 4: "i64", 5: "f16", 6: "f32", 11: "bool", 15: "bf16"}  # by `ScalarType`


def signature(model: Path) -> dict[str, str]:
    """Returns each method with its inputs and outputs at their upper bounds, or with its value if it is a constant."""
    program = _load_for_executorch(str(model))
    return {name: _described(program, name) for name in sorted(program.method_names())}


def _described(program, name: str) -> str:
    method = program.method_meta(name)
    if method.num_inputs() == 0:
        values = program.run_method(name)
        return repr(values[0] if len(values) == 1 else values)
    inputs = [_tensor(method.input_tensor_meta(number)) for number in range(method.num_inputs())]
    outputs = [_tensor(method.output_tensor_meta(number)) for number in range(method.num_outputs())]
    return f"({', '.join(inputs)}) -> {', '.join(outputs)}"


def _tensor(meta) -> str:
    return f"{TYPES.get(meta.dtype(), meta.dtype())} {list(meta.sizes())}"
