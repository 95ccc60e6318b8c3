"""What is measured: every case by its name, with the peers it is measured against."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product

from builds import SCENES
from shapes import CAPTIONER, SHAPES

SHARED = 512  # tokens that all prompts of a case with a shared prefix begin with
PROMPTS = (32, 128, SHARED, 2048)
GENERATED = (64, 256)
SEQUENCES = (1, 4, 16, 32, 64)

# Peers that get ids, or whole texts, of a batch.
LLAMA_CPP = "llama.cpp"
LLAMA_CPP_SERVER = "llama.cpp server"
OFFICIAL = "ExecuTorch runner"
TRANSFORMERS = "transformers f32"
TRANSFORMERS_HALF = "transformers bf16"
JAVA_LLAMA_CPP = "java-llama.cpp in Flink"
LIMIT = "machine limit"
# Ours against ourselves.
STATIC = "ours, static batches"
WAVES = "ours, batch by batch"
NO_PREFIX_CACHE = "ours, no prefix cache"
ENGINE_ALONE = "ours, engine alone"
INSIDE_RUNTIME = "ours, inside the runtime"
ONE_SLOT = "ours, 1 slot"
ONE_AT_A_TIME = "ours, one at a time"
STANDARD = "ours, standard program"

_TEXT_PEERS = (LLAMA_CPP_SERVER, TRANSFORMERS, TRANSFORMERS_HALF, JAVA_LLAMA_CPP)


@dataclass(frozen=True)
class Case:
    """One workload on one model.

    :param kind: `batch`: all prompts of one length at once; `decode`: new tokens alone, of one sequence; `mix`: lengths
        as in real traffic; `prefix`: one long beginning, then tokens of each prompt's own; `flink`: through a Flink
        job; `memory`: what eight slots take more than one; `overhead`: what our engine does between two
        steps; `captions`: files of images to captions, through a Flink job
    :param sequences: how many run at the same time
    :param records: how many there are
    :param shared: how many tokens of the prompt are the same in all
    """

    name: str
    kind: str
    shape: str
    bits: int
    sequences: int
    records: int
    prompt: int
    generated: int
    shared: int
    peers: tuple[str, ...]


def batch(shape: str, bits: int, sequences: int, prompt: int, generated: int, shared: bool = False) -> Case:
    """As `llama-batched-bench` has it. With a shared prefix the whole prompt is shared, as there."""
    peers = [LLAMA_CPP, LIMIT]
    if (prompt, generated) == (128, 64):
        peers += _TEXT_PEERS
        if bits == 4:  # export_llm has no 8da8w
            peers.append(OFFICIAL)
    name = f"{shape}-{bits}bit-{sequences}x{prompt}+{generated}" + ("-shared" if shared else "")
    return Case(
        name, "batch", shape, bits, sequences, sequences, prompt, generated, SHARED if shared else 0, tuple(peers)
    )


def _special(
    kind: str, shape: str, bits: int, sequences: int, records: int, prompt: int, generated: int, shared: int, *peers
) -> Case:
    name = f"{shape}-{bits}bit-{kind}"
    return Case(name, kind, shape, bits, sequences, records, prompt, generated, shared, peers)


def _all() -> list[Case]:
    cases = []
    for shape, bits, prompt, generated, sequences in product(SHAPES, (4, 8), PROMPTS, GENERATED, SEQUENCES):
        cases.append(batch(shape, bits, sequences, prompt, generated))
        if prompt == SHARED:
            cases.append(batch(shape, bits, sequences, prompt, generated, shared=True))
    for shape, bits in product(SHAPES, (4, 8)):
        decode_peers = (LLAMA_CPP, OFFICIAL) if bits == 4 else (LLAMA_CPP,)
        cases.append(_special("decode", shape, bits, 1, 1, 128, 256, 0, *decode_peers))
    for shape, bits in product(("162m", "tiny"), (4, 8)):
        cases += [
            _special("mix", shape, bits, 32, 256, 0, 0, 0, STATIC, WAVES, *_TEXT_PEERS[:3]),
            _special("prefix", shape, bits, 32, 64, SHARED + 32, 32, SHARED, NO_PREFIX_CACHE, LLAMA_CPP_SERVER),
            _special("flink", shape, bits, 32, 128, 128, 64, 0, ENGINE_ALONE),
            _special("memory", shape, bits, 32, 64, 128, 64, 0, ONE_SLOT),
            _special("overhead", shape, bits, 32, 32, 32, 64, 0, INSIDE_RUNTIME),
        ]
    cases.append(_special("captions", SCENES, 8, 32, 600, 0, 64, 0, ONE_AT_A_TIME, STANDARD))
    return cases + [_special("captions", CAPTIONER, bits, 32, 96, 0, 64, 0, ONE_AT_A_TIME) for bits in (4, 8)]


CASES = {case.name: case for case in _all()}
QUICK = [batch("162m", bits, sequences, 128, 64) for bits in (4, 8) for sequences in (1, 32)]


def chosen(patterns: list[str]) -> list[Case]:
    """The cases of these names, which may hold `*`.

    :raises ValueError: if a name fits none
    """
    found: dict[str, Case] = {}
    for pattern in patterns:
        fitting = {name: case for name, case in CASES.items() if fnmatchcase(name, pattern)}
        if not fitting:
            raise ValueError(f"No case is named '{pattern}'. `bin/bench --list` names them all.")
        found |= fitting
    return list(found.values())
