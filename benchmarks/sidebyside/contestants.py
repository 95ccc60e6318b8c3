"""Who is measured: each opens for a case, runs its workload as often as wanted, and is closed."""

import http.client
import json
import os
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import builds
import cases
from builds import Missing
from cases import Case
from processes import THREADS, Answering, last_line, wait_until
from shapes import SHAPES, head_weights, linear_weights
from workloads import longest


@dataclass(frozen=True)
class Run:
    """One run of a workload."""

    seconds: float
    prompt_tokens: int
    new_tokens: int
    resident_kib: int = 0

    @property
    def tokens_per_second(self) -> float:
        """Of the prompts and of the completions together."""
        return (self.prompt_tokens + self.new_tokens) / self.seconds


class Answerer:
    """One whose process takes workload files."""

    def __init__(self, name: str, command: list):
        environment = os.environ | {"PYTHONPATH": builds.python_path(), "OMP_NUM_THREADS": str(THREADS)}
        self._process = Answering(name, command, environment)
        self.version = self._process.facts["version"]

    def run(self, workload: Path) -> Run:
        answer = self._process.ask(str(workload))
        return Run(answer["seconds"], answer["promptTokens"], answer["newTokens"], answer.get("residentKiB", 0))

    def close(self) -> None:
        self._process.close()


def java(kind: str, case: Case, model: Path, slots: int = 1) -> Answerer:
    """One of ThroughputBench, see there."""
    classes = builds.BENCHMARKS / "target/classes"
    classpath = f"{classes}:{(builds.BENCHMARKS / 'target/bench.classpath').read_text().strip()}"
    command = ["java", "-Xmx2g", "-cp", classpath, "io.github.flinkexecutorch.bench.ThroughputBench", kind, model]
    tokenizer = builds.weights(case.shape) / "tokenizer.json"
    limits = [THREADS, case.sequences, longest(case), _kv_bytes(case), slots]
    return Answerer(f"java-{kind}", [*command, tokenizer, *limits])


def _kv_bytes(case: Case) -> int:
    """Keys and values of all sequences, f32, each rounded up to pages; at most 12 GiB: beyond, sequences wait."""
    shape = SHAPES[case.shape]
    token = shape["num_hidden_layers"] * shape["num_key_value_heads"] * shape["head_dim"] * 2 * 4
    return min((longest(case) + 64) * case.sequences * token, 12 << 30)


def official(case: Case) -> Answerer:
    files = [builds.standard_program(case.shape), builds.weights(case.shape) / "tokenizer.json"]
    return Answerer("official", [builds.python(), builds.SCRIPTS / "run_official.py", *files])


def transformers(case: Case, dtype: str) -> Answerer:
    arguments = [builds.weights(case.shape), dtype, case.sequences, THREADS]
    return Answerer(f"transformers-{dtype}", [builds.python(), builds.SCRIPTS / "run_transformers.py", *arguments])


class BatchedBench:
    """llama.cpp's own measurement: ids in, no sampling, no text. It loads and warms up anew in each run, and measures the
    batch alone. One sequence more comes last, because what it prints last is sometimes lost."""

    version = f"llama-cpp-python {builds.LLAMA_CPP_PYTHON}"
    MUCH = 16_384  # tokens; longer runs are warmed up by one sequence

    def __init__(self, case: Case):
        self._case = case
        self._program = builds.llama_cpp("llama-batched-bench")
        self._model = builds.gguf(case.shape, case.bits)

    def run(self, workload: Path) -> Run:
        case = self._case
        tokens = case.sequences * longest(case)
        warm_up = case.sequences if tokens <= self.MUCH else 1
        command = [self._program, "-m", self._model, "-t", THREADS, "-tb", THREADS, "-c", tokens + 256 * case.sequences]
        command += ["-npp", case.prompt, "-ntg", case.generated, "-npl", f"{warm_up},{case.sequences},1"]
        command += ["-pps", "-kvu"] if case.shared else []
        log = builds.TARGET / "logs/run-llama-batched-bench.log"
        command = [*map(str, command), "--output-format", "jsonl"]
        with log.open("w") as errors:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode != 0 or len(rows) < 2:
            problem = f"status {done.returncode} and {len(rows)} of 3 rows"
            raise Missing(f"llama-batched-bench ended with {problem}: {last_line(log)}")
        return Run(rows[1]["t"], case.sequences * case.prompt, case.sequences * case.generated)

    def close(self) -> None:
        pass


class Server:
    """llama.cpp's server on this machine: text in, text out, as many slots as sequences, continuous batching."""

    version = f"llama-cpp-python {builds.LLAMA_CPP_PYTHON}"

    def __init__(self, case: Case):
        self._sequences = case.sequences
        self._log = builds.TARGET / "logs/run-llama-server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        command = [builds.llama_cpp("llama-server"), "-m", builds.gguf(case.shape, case.bits), "-t", THREADS]
        command += ["-tb", THREADS, "-np", case.sequences, "-c", case.sequences * (longest(case) + 64), "--no-webui"]
        command += ["--host", "127.0.0.1", "--port", self._port, "--cache-ram", 0]
        with self._log.open("w") as output:
            self._process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=output)
        if not wait_until(self._is_ready, 120):
            self.close()
            raise Missing(f"llama-server did not start: {last_line(self._log)}")

    def run(self, workload: Path) -> Run:
        prompts = [json.loads(line) for line in workload.read_text().splitlines()]
        start = time.perf_counter()
        with ThreadPoolExecutor(self._sequences) as callers:
            answers = list(callers.map(self._complete, prompts))
        seconds = time.perf_counter() - start
        return Run(
            seconds,
            sum(answer["tokens_evaluated"] for answer in answers),
            sum(answer["tokens_predicted"] for answer in answers),
        )

    def _complete(self, prompt: dict) -> dict:
        wanted = {"prompt": prompt["prompt"], "n_predict": prompt["newTokens"], "temperature": 0, "ignore_eos": True}
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        try:
            connection.request("POST", "/completion", json.dumps(wanted | {"cache_prompt": True}))
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise Missing(f"llama-server answered {response.status}: {body[:200]!r}")
        return json.loads(body)

    def _is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise Missing(f"llama-server ended with status {self._process.returncode}: {last_line(self._log)}")
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Limit:
    """What the machine's limits allow: reading all weights once a step, or multiplying all tokens with them, whichever
    takes longer; attention, norms and all else for free. Measured anew in each round, beside ours."""

    version = "limits.cpp"

    def __init__(self, case: Case):
        self._case, self._program = case, builds.limits()

    def run(self, workload: Path) -> Run:
        case, shape = self._case, SHAPES[self._case.shape]
        machine = measured_limits()
        weights, head = linear_weights(shape), head_weights(shape)
        reading = weights * (case.bits / 8) / machine["bandwidth"]
        prompts = case.prompt * (1 if case.shared else case.sequences)
        prefill = 2 * (prompts * (weights - head) + case.sequences * head) / machine["int8"]
        decode = max(2 * case.sequences * weights / machine["int8"], reading)
        seconds = max(prefill, reading) + (case.generated - 1) * decode
        return Run(seconds, case.sequences * case.prompt, case.sequences * case.generated)

    def close(self) -> None:
        pass


def measured_limits() -> dict:
    """Bytes and operations per second of this machine, now."""
    return json.loads(subprocess.run([builds.limits(), str(THREADS)], stdout=subprocess.PIPE, check=True).stdout)


def ours(case: Case):
    """Ours in a case, against whom the others are measured."""
    kinds = {"batch": "engine", "mix": "engine", "prefix": "engine", "flink": "flink", "memory": "flink"}
    slots = 8 if case.kind == "memory" else 1
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
        cases.NO_PREFIX_CACHE: lambda: java("no-prefix-cache", case, program()),
        cases.ENGINE_ALONE: lambda: java("engine", case, program()),
        cases.ONE_SLOT: lambda: java("flink", case, program(), slots=1),
    }
    return openers[name]()
