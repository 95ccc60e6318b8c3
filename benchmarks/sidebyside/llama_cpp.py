"""llama.cpp, as its own benchmark measures it and behind its server."""

import http.client
import json
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import builds
from builds import Missing
from cases import Case
from processes import THREADS, last_line, wait_until
from runs import Run
from workloads import longest


class BatchedBench:
    """`llama-batched-bench`: ids in, no sampling, no text. It loads and warms up anew in each run, and measures the
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
        decode = rows[1]["t_tg"] * 1e6 / case.generated
        return Run(
            rows[1]["t"], case.sequences * case.prompt, case.sequences * case.generated, decode_micros=decode
        )

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
