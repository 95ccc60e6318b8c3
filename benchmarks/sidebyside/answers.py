"""The Python peers' side of a measurement: a line with a workload file comes in, a line with what it took goes out."""

import json
import os
import sys
import time
from collections.abc import Callable

MARK = "bench: "


def serve(generate: Callable[[list[dict]], dict], **facts) -> None:
    """Runs `generate(prompts)` for each line of the input. It returns how many tokens the prompts had (`promptTokens`)
    and how many are new (`newTokens`), and may add `decodeSeconds`.

    :param facts: about the peer, for the report
    """
    answers = os.fdopen(os.dup(1), "w")  # ours alone: the peers themselves print to standard output
    os.dup2(2, 1)

    def answer(content: dict) -> None:
        answers.write(MARK + json.dumps(content) + "\n")
        answers.flush()

    answer(facts)
    for line in sys.stdin:
        with open(line.strip()) as file:
            prompts = [json.loads(entry) for entry in file]
        start = time.perf_counter()
        counts = generate(prompts)
        answer({"seconds": time.perf_counter() - start} | counts)
