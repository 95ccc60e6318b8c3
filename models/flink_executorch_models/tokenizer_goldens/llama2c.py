"""A `tokenizer.bin` of llama2.c, and what ExecuTorch's C++ makes of it."""

import struct
from pathlib import Path
from tempfile import TemporaryDirectory

from pytorch_tokenizers import CppLlama2cTokenizer, Llama2cTokenizer

from flink_executorch_models.tokenizer_goldens import sentence_piece

FIRST_BYTE = 3


def tokenizer_bin(folder: Path, training: list[str]):
    model = sentence_piece.trained(training, "bpe", "identity", byte_fallback=True, remove_extra_whitespaces=False)
    file = folder / "tokenizer.bin"
    with TemporaryDirectory() as place:
        source = Path(place) / "tokenizer.model"
        source.write_bytes(model.SerializeToString(deterministic=True))
        Llama2cTokenizer(str(source)).export(str(file))
    _add(file, ["</", "s>"])  # so that merging reaches a special token: "</" and "s>" make "</s>"
    official = CppLlama2cTokenizer()
    official.load(str(file))
    scores, pieces = _read(file)
    lookup = {}
    for id, piece in enumerate(pieces):
        lookup.setdefault(piece, id)

    def reference(text: str):
        ids = _encoded(text, pieces, scores, lookup)
        ordinary = _encoded(text, pieces, scores, {piece: id for piece, id in lookup.items() if id >= FIRST_BYTE})
        if text and "\x00" not in text:  # the C++ refuses the one and stops at the other
            assert ids == official.encode(text, 0, 0)
        return ids, ordinary, _decoded(ids, official)

    return reference


def _add(file: Path, pieces: list[str]) -> None:
    content = bytearray(file.read_bytes())
    struct.pack_into("<i", content, 0, struct.unpack_from("<i", content)[0] + len(pieces))
    for piece in pieces:
        content += struct.pack("<fi", -2000.0, len(piece)) + piece.encode()
    file.write_bytes(content)


def _read(file: Path) -> tuple[list[float], list[str]]:
    content = file.read_bytes()
    count, place = struct.unpack_from("<i", content)[0], 16
    scores, pieces = [], []
    for _ in range(count):
        score, length = struct.unpack_from("<fi", content, place)
        scores.append(score)
        pieces.append(content[place + 8 : place + 8 + length].decode())
        place += 8 + length
    return scores, pieces


def _encoded(text: str, pieces: list[str], scores: list[float], lookup: dict[str, int]) -> list[int]:
    """The format's rule, for the texts that the C++ cannot take."""
    ids = [lookup[" "]] if text else []
    for character in text:
        id = lookup.get(character)
        ids += [id] if id is not None else [FIRST_BYTE + byte for byte in character.encode()]
    while True:
        pairs = [lookup.get(pieces[left] + pieces[right]) for left, right in zip(ids, ids[1:], strict=False)]
        found = [(scores[id], -place) for place, id in enumerate(pairs) if id is not None]
        if not found:
            return ids
        place = -max(found)[1]
        ids[place : place + 2] = [pairs[place]]


def _decoded(ids: list[int], official: CppLlama2cTokenizer) -> str:
    """Piece by piece, without the space at the beginning and after BOS, as the C++ does it; its binding does not say
    which token came before. A byte piece is its byte in the C++ too, but the binding would read it as a whole text."""
    joined = b""
    previous = official.bos_tok()
    for id in ids:
        byte = FIRST_BYTE <= id < FIRST_BYTE + 256
        piece = bytes([id - FIRST_BYTE]) if byte else official.decode(id).encode()
        joined += piece.removeprefix(b" ") if previous == official.bos_tok() and not byte else piece
        previous = id
    return joined.decode(errors="replace")
