"""Makes what a run needs and keeps it under benchmarks/target: llama.cpp, an environment, models. Each only once."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from shapes import CAPTIONER

BENCHMARKS = Path(__file__).resolve().parent.parent
REPOSITORY = BENCHMARKS.parent
TARGET = BENCHMARKS / "target"
SCRIPTS = BENCHMARKS / "sidebyside"
LLAMA_CPP_PYTHON = "0.3.36"
LLAMA_CPP = TARGET / "llama.cpp"
SCENES = "scenes"  # the sample captioner, the only model here that is trained
CONTEXT = 2560  # of the standard export: the longest prompt and the most that is generated, and some room


class Missing(Exception):
    """Something that a measurement needs could not be made; the message says what and where its log is."""


def python() -> Path:
    """The environment with PyTorch, transformers and ExecuTorch's exporter."""
    if given := os.environ.get("BENCH_PYTHON"):
        return Path(given)
    environment = TARGET / "environment"
    run("environment", [REPOSITORY / "models/environment", environment, REPOSITORY / "models/requirements.txt"])
    return environment / "bin/python"


def llama_cpp(program: str) -> Path:
    """A program of llama.cpp, built as its own defaults have it: for exactly this processor."""
    built = LLAMA_CPP / "build/bin" / program
    if not built.exists():
        sources = _llama_cpp_sources()
        options = ["-DCMAKE_BUILD_TYPE=Release", "-DLLAMA_OPENSSL=OFF", "-DLLAMA_BUILD_TESTS=OFF"]
        options += ["-DLLAMA_BUILD_EXAMPLES=OFF", "-DLLAMA_BUILD_APP=OFF", "-DLLAMA_USE_PREBUILT_UI=OFF"]
        run("llama.cpp-configure", [_cmake(), "-S", sources, "-B", LLAMA_CPP / "build", *options])
        programs = ["llama-batched-bench", "llama-quantize", "llama-server"]
        run("llama.cpp", [_cmake(), "--build", LLAMA_CPP / "build", "-j2", "--target", *programs])
    return built


def _llama_cpp_sources() -> Path:
    """The copy inside the source package of llama-cpp-python."""
    unpacked = LLAMA_CPP / f"llama_cpp_python-{LLAMA_CPP_PYTHON}"
    sources = unpacked / "vendor/llama.cpp"
    if not sources.exists():
        package = f"llama-cpp-python=={LLAMA_CPP_PYTHON}"
        arguments = ["download", "--no-deps", "--no-binary", "llama-cpp-python", "--dest", LLAMA_CPP, package]
        run("llama.cpp-download", [sys.executable, "-m", "pip", *arguments])
        with tarfile.open(unpacked.with_name(unpacked.name + ".tar.gz")) as archive:
            archive.extractall(LLAMA_CPP, filter="data")
    return sources


def _cmake() -> str:
    if found := shutil.which("cmake"):
        return found
    tools = TARGET / "cmake"
    if not (tools / "bin/cmake").exists():
        run("cmake", [sys.executable, "-m", "pip", "install", "--target", tools, "cmake==3.31.10"])
    os.environ["PYTHONPATH"] = str(tools)
    return str(tools / "bin/cmake")


def limits() -> Path:
    """The program that measures what the machine can do at most."""
    source, program = SCRIPTS / "limits.cpp", TARGET / "limits"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        TARGET.mkdir(exist_ok=True)
        run("limits", ["g++", "-std=c++17", "-O3", "-march=native", "-pthread", source, "-o", program])
    return program


def weights(shape: str) -> Path:
    """A Hugging Face folder with random weights; of the sample captioner, where its tokenizer lies."""
    if shape == SCENES:
        return REPOSITORY / "sample-data" / SCENES
    return _made(TARGET / "models" / shape / "hugging-face", SCRIPTS / "random_model.py", shape)


def batched_program(shape: str, bits: int) -> Path:
    """Our export."""
    if shape == SCENES:
        return weights(shape) / "model-batched.pte"
    file, source = TARGET / "models" / shape / f"batched-8da{bits}w.pte", weights(shape)
    # The embedding has as many bits as the linear layers, as in the GGUF file.
    options = ["--quant", f"8da{bits}w", "--embedding", f"{bits}w", "--context", "4096"]
    made = _made(file, "-m", "flink_executorch_models.export", "--model", source, *options, "--out")
    if shape == CAPTIONER:  # its images are made ready as those of the sample captioner
        shutil.copy(weights(SCENES) / "preprocessor_config.json", file.parent)
    return made


def standard_captioner() -> Path:
    return weights(SCENES) / "model.pte"


def drawn_scenes(count: int, number: int) -> Path:
    """A folder of images, other ones for each number."""
    folder = TARGET / "workloads" / f"{SCENES}-{count}-{number}"
    return _made(folder, "-m", "flink_executorch_models.scenes.samples", "--count", count, "--seed", 1000 + number)


def standard_program(shape: str) -> Path:
    """ExecuTorch's own export, 4 bits."""
    return _made(
        TARGET / "models" / shape / "standard-8da4w.pte", SCRIPTS / "standard_export.py", weights(shape), CONTEXT
    )


def gguf(shape: str, bits: int) -> Path:
    """The same weights for llama.cpp; all tensors of the same bits, as ours are."""
    kind = {4: "Q4_0", 8: "Q8_0"}[bits]
    file = TARGET / "models" / shape / f"{kind}.gguf"
    if not file.exists():
        llama_cpp("llama-quantize")
        full = _made(TARGET / "models" / shape / "f32.gguf", SCRIPTS / "gguf_model.py", weights(shape))
        run(f"quantize-{shape}", [llama_cpp("llama-quantize"), "--pure", full, file, kind, "2"])
        full.unlink()
    return file


def _made(product: Path, *command) -> Path:
    """Runs a Python program whose last argument is what it makes; nothing half made is left under that name."""
    if not product.exists():
        product.parent.mkdir(parents=True, exist_ok=True)
        partial = product.with_name("partial-" + product.name)
        run(f"{product.parent.name}-{product.stem}", [python(), *command, partial])
        partial.rename(product)
    return product


def python_path() -> str:
    """Where Python finds our exporter, and llama.cpp's package for GGUF files."""
    return f"{REPOSITORY / 'models'}:{LLAMA_CPP / f'llama_cpp_python-{LLAMA_CPP_PYTHON}' / 'vendor/llama.cpp/gguf-py'}"


def run(name: str, command: list) -> None:
    """Runs a build at low priority, its output in a log of this name."""
    log = TARGET / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"Making {name} ({log.relative_to(REPOSITORY)}) ...", file=sys.stderr, flush=True)
    with log.open("w") as output:
        environment = os.environ | {"PYTHONPATH": python_path(), "HF_HUB_OFFLINE": "1"}
        command = ["nice", "-n", "10", *map(str, command)]
        status = subprocess.run(command, stdout=output, stderr=output, env=environment, stdin=subprocess.DEVNULL)
    if status.returncode != 0:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise Missing(f"{name} could not be made: {' '.join(last)} ({log.relative_to(REPOSITORY)})")
