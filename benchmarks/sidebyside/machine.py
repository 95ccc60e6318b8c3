"""What a measurement ran on."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path

_FLAGS = (
    "avx2",
    "fma",
    "f16c",
    "avx_vnni",
    "avx512f",
    "avx512bw",
    "avx512_vnni",
    "avx512_bf16",
    "amx_int8",
    "amx_bf16",
)


def description() -> dict:
    processor = Path("/proc/cpuinfo").read_text()
    memory = Path("/proc/meminfo").read_text()
    flags = set(_first(r"^flags\s*: (.*)$", processor).split())
    return {
        "processor": _first(r"^model name\s*: (.*)$", processor),
        "family and model": ", ".join(_first(rf"^{field}\s*: (.*)$", processor) for field in ("cpu family", "model")),
        "cores": len(os.sched_getaffinity(0)),
        "instructions": " ".join(flag for flag in _FLAGS if flag in flags),
        "memory": f"{int(_first(r'^MemTotal: *([0-9]+)', memory)) / (1 << 20):.1f} GiB",
        "system": f"Linux {platform.release()}",
        "compiler": _line(["g++", "--version"]),
        "java": _line(["java", "-version"]),
        "load": "{:.1f} {:.1f} {:.1f}".format(*os.getloadavg()),
    }


def revision(repository: Path) -> str:
    """The commit that was measured; with a `+` where files differ from it."""
    commit = _line(["git", "-C", repository, "rev-parse", "--short", "HEAD"])
    return commit + ("+" if _line(["git", "-C", repository, "status", "--porcelain", "--untracked-files=no"]) else "")


def busy(seconds: float = 1.0) -> float:
    """Share of the cores that is at work now, by whomever: 0 on a quiet machine while nobody is measured."""
    before = _jiffies()
    time.sleep(seconds)
    idle, total = (after - earlier for after, earlier in zip(_jiffies(), before, strict=True))
    return 1 - idle / total if total else 0.0


def _jiffies() -> tuple[int, int]:
    values = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return values[3] + values[4], sum(values)


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else "unknown"


def _line(command: list) -> str:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError:
        return "unknown"
    return (done.stdout.strip().splitlines() or [""])[0]
