"""Makes the tokenizers beside this file and, with the reference library, the ids they give.

python make.py  (needs tokenizers==0.22.2)
"""

import json
import pathlib

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["<unk>", "<s>", "</s>"]
HERE = pathlib.Path(__file__).parent
CORPUS = [
    "The quick brown fox jumps over the lazy dog. 0123456789",
    "My order A-1042 arrived broken, please refund me!",
    "¿Dónde está mi pedido? Größe, naïve, 漢字, שלום, 😀",
] * 20
TEXTS = [
    "Hello world",
    " leading and trailing ",
    "two  spaces\n\nand\tlines",
    "My order A-1042 arrived broken",
    "Größe 漢字 שלום 😀👩‍👩‍👧",
    "nul \x00 inside",
    "special <s> and </s> inside",
    "▁underline▁",
    "é combined",
    "",
]


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    train(tokenizer, pre_tokenizers.ByteLevel.alphabet(), [])
    return tokenizer


def byte_fallback():
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    train(tokenizer, [], [f"<0x{byte:02X}>" for byte in range(256)])
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [token for token in state["added_tokens"] if token["content"] in SPECIAL]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    add_template(tokenizer)
    return tokenizer


def train(tokenizer, alphabet, pieces):
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=SPECIAL + pieces, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)


def add_template(tokenizer):
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )


for name, tokenizer in {"byte-level": byte_level(), "byte-fallback": byte_fallback()}.items():
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"bos_token": "<s>", "eos_token": {"content": "</s>"}}
    (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
    with open(folder / "goldens.jsonl", "w") as goldens:
        for text in TEXTS:
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            golden = {
                "text": text,
                "ids": plain,
                "idsWithSpecialTokens": tokenizer.encode(text).ids,
                "decoded": tokenizer.decode(plain, skip_special_tokens=False),
            }
            goldens.write(json.dumps(golden) + "\n")
