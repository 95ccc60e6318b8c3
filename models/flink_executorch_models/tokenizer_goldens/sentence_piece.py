"""Two `tokenizer.model` of SentencePiece: BPE with byte fallback as Llama 2 has it, Unigram with NFKC as T5 has it."""

import io
from pathlib import Path

from pytorch_tokenizers import CppSPTokenizer
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from sentencepiece.sentencepiece_model_pb2 import ModelProto

USER_DEFINED = ["<|im_start|>", "<|im_end|>", "▁▁", "▁▁▁▁"]


def bpe(folder: Path, training: list[str]):
    model = trained(
        training,
        "bpe",
        "identity",
        byte_fallback=True,
        split_digits=True,
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        user_defined_symbols=USER_DEFINED,
    )
    return saved(model, folder)


def unigram(folder: Path, training: list[str]):
    return saved(trained(training, "unigram", "nmt_nfkc", user_defined_symbols=USER_DEFINED[:2]), folder)


def trained(training: list[str], model_type: str, rules: str, **options) -> ModelProto:
    writer = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(text.replace("\n", " ").replace("\r", " ") for text in training),
        model_writer=writer,
        model_type=model_type,
        normalization_rule_name=rules,
        vocab_size=1500,
        character_coverage=0.998,
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    model = ModelProto()
    model.ParseFromString(writer.getvalue())
    return model


def saved(model: ModelProto, folder: Path):
    """Writes the file; returns its reference."""
    (folder / "tokenizer.model").write_bytes(model.SerializeToString(deterministic=True))
    processor = SentencePieceProcessor(model_proto=model.SerializeToString())
    # The library has no switch for user-defined symbols, so a copy of the model has them as control symbols, which it
    # never finds in text. Runs of spaces are text.
    hidden = ModelProto()
    hidden.CopyFrom(model)
    for piece in hidden.pieces:
        if piece.type == ModelProto.SentencePiece.USER_DEFINED and piece.piece.strip("▁"):
            piece.type = ModelProto.SentencePiece.CONTROL
    ordinary = SentencePieceProcessor(model_proto=hidden.SerializeToString())
    official = CppSPTokenizer()
    official.load(str(folder / "tokenizer.model"))

    def reference(text: str):
        ids = processor.encode(text)
        assert "\x00" in text or ids == official.encode(text, 0, 0)  # ExecuTorch's C++ stops at a zero
        return ids, ordinary.encode(text), processor.decode(ids)

    return reference
