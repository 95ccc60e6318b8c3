"""Who is measured: each opens for a case, runs its workloads, and is closed."""

from dataclasses import replace
from pathlib import Path

import builds
import cases
from cases import Case
from limit import Limit
from llama_cpp import BatchedBench, Server
from processes import THREADS
from runs import Answerer
from shapes import SHAPES
from workloads import longest

_CAPTIONS_KV_BYTES = 256 << 20


def java(kind: str, case: Case, model: Path, slots: int = 1) -> Answerer:
    """One of ThroughputBench, see there."""
    classes = builds.BENCHMARKS / "target/classes"
    classpath = f"{classes}:{(builds.BENCHMARKS / 'target/bench.classpath').read_text().strip()}"
    # Where memory is measured, all of the heap is resident, so that it can be taken off.
    heap = ["-Xms2g", "-XX:+AlwaysPreTouch"] if case.kind == "memory" else []
    command = ["java", "-Xmx2g", *heap, "-cp", classpath, "io.github.flinkexecutorch.bench.ThroughputBench", kind, model]
    tokenizer = builds.weights(case.shape) / "tokenizer.json"
    limits = [THREADS, case.sequences, longest(case), _kv_bytes(case), slots]
    return Answerer(f"java-{kind}", [*command, tokenizer, *limits])


def _kv_bytes(case: Case) -> int:
    """Keys and values of all sequences, f32, each rounded up to pages; at most 12 GiB: beyond, sequences wait."""
    if case.kind == "captions":
        return _CAPTIONS_KV_BYTES
    shape = SHAPES[case.shape]
    token = shape["num_hidden_layers"] * shape["num_key_value_heads"] * shape["head_dim"] * 2 * 4
    return min((longest(case) + 64) * case.sequences * token, 12 << 30)


def official(case: Case) -> Answerer:
    files = [builds.standard_program(case.shape), builds.weights(case.shape) / "tokenizer.json"]
    return Answerer("official", [builds.python(), builds.SCRIPTS / "run_official.py", *files])


def transformers(case: Case, dtype: str) -> Answerer:
    arguments = [builds.weights(case.shape), dtype, case.sequences, THREADS]
    return Answerer(f"transformers-{dtype}", [builds.python(), builds.SCRIPTS / "run_transformers.py", *arguments])


def ours(case: Case):
    """Ours in a case, against whom the others are measured."""
    kinds = {
        "batch": "engine",
        "decode": "engine",
        "mix": "engine",
        "prefix": "engine",
        "flink": "flink",
        "memory": "flink",
        "overhead": "engine",
        "captions": "captions",
    }
    slots = {"memory": 8, "captions": THREADS}.get(case.kind, 1)  # a slot reads its images on one thread
    return java(kinds[case.kind], case, builds.batched_program(case.shape, case.bits), slots)


def through_flink(case: Case) -> Answerer:
    """Ours in a Flink job."""
    return java("flink", case, builds.batched_program(case.shape, case.bits))


def peer(name: str, case: Case):
    """Opens a peer by its name."""
    program = lambda: builds.batched_program(case.shape, case.bits)  # noqa: E731
    openers = {
        cases.LLAMA_CPP: lambda: BatchedBench(case),
        cases.LLAMA_CPP_SERVER: lambda: Server(case),
        cases.OFFICIAL: lambda: official(case),
        cases.TRANSFORMERS: lambda: transformers(case, "float32"),
        cases.TRANSFORMERS_HALF: lambda: transformers(case, "bfloat16"),
        cases.JAVA_LLAMA_CPP: lambda: java("flink-llama.cpp", case, builds.gguf(case.shape, case.bits)),
        cases.LIMIT: lambda: Limit(case),
        cases.STATIC: lambda: java("static", case, program()),
        cases.WAVES: lambda: java("waves", case, program()),
        cases.NO_PREFIX_CACHE: lambda: java("no-prefix-cache", case, program()),
        cases.ENGINE_ALONE: lambda: java("engine", case, program()),
        cases.INSIDE_RUNTIME: lambda: java("engine", case, program()),
        cases.ONE_AT_A_TIME: lambda: java("captions", replace(case, sequences=1), program()),
        cases.STANDARD: lambda: java("captions", replace(case, sequences=1), builds.standard_captioner()),
        cases.ONE_SLOT: lambda: java("flink", case, program(), slots=1),
    }
    return openers[name]()
