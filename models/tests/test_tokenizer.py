from itertools import islice

import pytest
from pytorch_tokenizers import CppHFTokenizer
from tokenizers import Tokenizer

from flink_executorch_models.tickets import tokenizer as recipe
from flink_executorch_models.tickets.corpus import tickets

STRANGE = [
    "  two  spaces\n\n\ttab 12345, don't we'll",
    "Größe, 日本語, 🙂 and e\u0301",
    "a1b2 33 ½ ２３",
    "x <|eos|> y",
    "\x00\x7f\u2028",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    recipe.save(recipe.trained(vocabulary=600, seed=1, sample=500), folder)
    return folder


def test_rust_and_cpp_give_the_same_ids(folder):
    rust = Tokenizer.from_file(str(folder / "tokenizer.json"))
    cpp = CppHFTokenizer()
    cpp.load(str(folder))
    for text in [ticket.prompt for ticket in islice(tickets(5, True), 300)] + STRANGE:
        assert cpp.encode(text, 0, 0) == rust.encode(text).ids


def test_any_text_comes_back(folder):
    rust = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for text in STRANGE:
        assert rust.decode(rust.encode(text).ids, skip_special_tokens=False) == text


def test_digits_are_single_tokens(folder):
    rust = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert rust.encode("#483920").tokens == ["#", "4", "8", "3", "9", "2", "0"]


def test_special_tokens_have_their_ids_in_both(folder):
    rust = Tokenizer.from_file(str(folder / "tokenizer.json"))
    cpp = CppHFTokenizer()
    cpp.load(str(folder / "tokenizer.json"))
    assert (rust.token_to_id(recipe.BOS), rust.token_to_id(recipe.EOS)) == (recipe.BOS_ID, recipe.EOS_ID)
    assert (cpp.bos_tok(), cpp.eos_tok()) == (recipe.BOS_ID, recipe.EOS_ID)
