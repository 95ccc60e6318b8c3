"""Writes the kinds of arguments that the runtime's operators take: `native/operators.tsv`.

A program names the operators it calls but not their signatures, and a kernel that gets another kind of value ends the
process, so the Java side compares. Usage: python -m flink_executorch_models.operator_arguments FILE
"""

import sys
from pathlib import Path

import executorch.kernels.quantized  # noqa: F401 (registers its operators)
import torch
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401
from executorch.extension.pybindings import portable_lib

KINDS = {
    "Tensor": "T",
    "int": "I",
    "bool": "B",
    "float": "D",
    "number": "N",
    "str": "S",
    "List[int]": "L",
    "List[float]": "F",
    "List[bool]": "C",
    "List[Tensor]": "V",
    "List[Optional[Tensor]]": "W",
}

# What our own kernels add to the runtime, with the schemas of export/.
ADDED = {
    "llm::linear_8da4w.out": "TTIT",
    "llm::linear_8da8w.out": "TTIT",
    "llm::paged_attention.out": "TTTIDIDtT",
}

# Operators of the runtime itself that PyTorch has no schema for; arguments are those that its kernels read.
OWN = {
    "executorch_prim::et_copy_index.tensor": "TTI",
    "executorch_prim::et_view.default": "TLT",
    "executorch_prim::floordiv.int": "NNr",
    "executorch_prim::mod.int": "NNr",
}


def kind(of) -> str:
    """One letter for a kind; a small one if None is fine too."""
    name = str(of)
    if name.startswith("Optional["):
        return KINDS[name[len("Optional[") : -1]].lower()
    return KINDS[name]


def arguments(schema) -> str:
    """Arguments in order; `r` for a scalar that the operator returns, which is an argument of instructions too."""
    returned = ["r" for value in schema.returns if value.alias_info is None and str(value.type) != "Tensor"]
    kinds = [kind(argument.type) for argument in schema.arguments]
    if schema.name.startswith("executorch_prim::"):
        kinds = ["N" for _ in kinds]  # these look at their numbers themselves
    return "".join(kinds + returned)


def table() -> str:
    schemas = {}
    for schema in torch._C._jit_get_all_schemas():
        schemas[f"{schema.name}.{schema.overload_name}" if schema.overload_name else schema.name] = schema
    known = {name: OWN.get(name) or arguments(schemas[name]) for name in portable_lib._get_operator_names()}
    return "".join(f"{name}\t{kinds}\n" for name, kinds in sorted((known | ADDED).items()))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(table())
