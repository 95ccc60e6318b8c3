"""What this machine can do at most."""

import json
import subprocess
from pathlib import Path

import builds
from cases import Case
from processes import THREADS
from runs import Run
from shapes import SHAPES, head_weights, linear_weights


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
