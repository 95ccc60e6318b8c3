"""Runs a batched program as the Java side does: on this project's own native library, kernel and pages included.

It is bound by its C header, native/src/main/cpp/et_bridge.h. The library brings its own copy of the ExecuTorch runtime, so a
process that runs programs with it must not load ExecuTorch's Python bindings.
"""

import ctypes
import platform
from pathlib import Path

import torch

NATIVES = Path(__file__).parents[3] / "native/target/natives/io/github/flinkexecutorch/runtime"
PAGE_TOKENS = 16
_LONG, _FLOAT, _TENSOR = 4, 6, 1  # the runtime's ScalarType, and the bridge's kind


class _Value(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int64) for name in ("kind", "type", "count", "word")] + [("sizes", ctypes.c_int64 * 16)]


class NativeProgram:
    """`forward` of one program, and pages for so many sequences of so many positions, in float32."""

    def __init__(self, program: Path, sequences: int, positions: int, folder: Path | None = None):
        name = "libet_bridge.dylib" if platform.system() == "Darwin" else "libet_bridge.so"
        found = next((folder or NATIVES).rglob(name), None)
        if found is None:
            raise FileNotFoundError(f"no {name} in {folder or NATIVES}: build the native module first, or name its folder")
        self._bridge = ctypes.CDLL(str(found))
        self._call("et_initialize")
        (opened, *_) = self._out(3, "et_program_open", str(program).encode(), b"", 0, 1)
        self._program = ctypes.c_void_p(opened)
        self._method, inputs, outputs = self._load(b"forward")
        self._inputs = (_Value * 3).from_address(inputs)
        self._output = _Value.from_address(outputs)
        self._pages_each = -(-positions // PAGE_TOKENS)
        shape = [self._constant(name) for name in (b"get_n_layers", b"get_n_kv_heads", b"get_head_dim")]
        self._pages, _ = self._out(2, "et_pages_allocate", *shape, PAGE_TOKENS, 0, sequences * self._pages_each)

    def _load(self, method: bytes) -> list[int]:
        return self._out(3, "et_method_load", self._program, method, 0, 0, 0, b"", None, None)

    def _constant(self, name: bytes) -> int:
        method, _, output = self._load(name)
        self._call("et_method_execute", ctypes.c_void_p(method))
        return _Value.from_address(output).word

    def step(self, runs: list[tuple[int, int, int]], tokens: list[int], rows: list[int]) -> torch.Tensor:
        """runs: sequence, its number of tokens, its first position -> logits [R, vocabulary]"""
        positions = [position + i for _, count, position in runs for i in range(count)]
        arrays = [(ctypes.c_int64 * len(values))(*values) for values in (tokens, positions, rows)]
        for value, array in zip(self._inputs, arrays, strict=True):
            value.kind, value.type, value.count, value.word = _TENSOR, _LONG, 1, ctypes.addressof(array)
            value.sizes[0] = len(array)
        words = self._words(runs)
        self._call(
            "et_method_execute_paged",
            ctypes.c_void_p(self._method),
            ctypes.c_void_p(self._pages),
            (ctypes.c_int32 * len(words))(*words),
            ctypes.c_int64(len(words)),
        )
        sizes = list(self._output.sizes[: self._output.count])
        if self._output.type != _FLOAT:
            raise ValueError(f"logits of type {self._output.type}, expected float32")
        logits = (ctypes.c_float * (sizes[0] * sizes[1])).from_address(self._output.word)
        return torch.frombuffer(bytearray(logits), dtype=torch.float32).reshape(sizes)

    def _words(self, runs: list[tuple[int, int, int]]) -> list[int]:
        each, heads, tables = self._pages_each, [], []
        for sequence, count, position in runs:
            heads += [count, position, 1 + 4 * len(runs) + len(tables), each]
            tables += range(sequence * each, (sequence + 1) * each)
        return [len(runs), *heads, *tables]

    def _out(self, count: int, function: str, *arguments) -> list[int]:
        out = (ctypes.c_int64 * count)()
        self._call(function, *arguments, out)
        return list(out)

    def _call(self, function: str, *arguments) -> None:
        status = getattr(self._bridge, function)(*arguments)
        if status:
            said = (ctypes.c_int64 * 2)()
            self._bridge.et_error(said)
            text = ctypes.string_at(said[0], said[1]).decode(errors="replace")
            raise RuntimeError(f"{function} failed with code {status:#x}: {text}")
