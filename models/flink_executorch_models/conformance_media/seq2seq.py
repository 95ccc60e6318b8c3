"""Random Whisper and T5 models exported by optimum-executorch, and their golden tokens by its own classes."""

from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import torch
from executorch.extension.pybindings.portable_lib import _load_for_executorch
from optimum.executorch import ExecuTorchModelForSeq2SeqLM, ExecuTorchModelForSpeechSeq2Seq
from optimum.exporters.executorch import integrations
from tokenizers import Tokenizer
from transformers import (
    DynamicCache,
    EncoderDecoderCache,
    T5Config,
    T5ForConditionalGeneration,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

from flink_executorch_models.conformance_media import inputs, optimum
from flink_executorch_models.conformance_media.random_weights import VOCABULARY, randomize
from flink_executorch_models.official_runner import write_lines
from flink_executorch_models.tickets.corpus import tickets
from flink_executorch_models.tickets.tokenizer import BOS_ID, EOS_ID

HIDDEN, FEED_FORWARD, LAYERS, HEADS = 64, 128, 2, 4
BINS, SECONDS, FRAMES = 80, 1, 100
WHISPER_START, T5_START = 7, 0
LONGEST_ANSWER, LONGEST_TEXT = 64, 96
MAX_NEW_TOKENS = 20
CANDIDATES, KEPT, SEED = 40, 8, 19
TOKENS = {
    "vocab_size": VOCABULARY,
    "bos_token_id": BOS_ID,
    "eos_token_id": EOS_ID,
    "pad_token_id": EOS_ID,
    "tie_word_embeddings": False,  # tied random weights repeat the token they are given
}


def write_whisper(folder: Path) -> None:
    config = WhisperConfig(
        **TOKENS,
        d_model=HIDDEN,
        encoder_layers=1,
        decoder_layers=LAYERS,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=FEED_FORWARD,
        decoder_ffn_dim=FEED_FORWARD,
        num_mel_bins=BINS,
        max_source_positions=FRAMES // 2,
        max_target_positions=LONGEST_ANSWER,
        decoder_start_token_id=WHISPER_START,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    extractor = WhisperFeatureExtractor(feature_size=BINS, chunk_length=SECONDS)
    processor = SimpleNamespace(from_pretrained=lambda _: SimpleNamespace(feature_extractor=extractor))
    with mock.patch.object(integrations, "AutoProcessor", processor):
        model = randomize(WhisperForConditionalGeneration(config), seed=9)
        optimum.export(model, "automatic-speech-recognition", folder, max_seq_len=LONGEST_ANSWER)

    sounds = inputs.features([(1, BINS, FRAMES)] * CANDIDATES)
    kept = _clearest(folder, ExecuTorchModelForSpeechSeq2Seq, WHISPER_START, [(sound.data, sound) for sound in sounds])
    goldens = []
    for number, (sound, golden) in enumerate(kept[: KEPT // 2], start=1):
        sound = inputs.Media("audio", f"features-{number}.f32", sound.data)
        sound.write(folder)
        goldens.append({"id": f"S-{number:02}", "input": {"features": sound.described()["audio"]}} | golden)
    write_lines(folder / "goldens.jsonl", goldens)


def write_t5(folder: Path) -> None:
    config = T5Config(
        **TOKENS | {"pad_token_id": T5_START},
        d_model=HIDDEN,
        d_kv=HIDDEN // HEADS,
        d_ff=FEED_FORWARD,
        num_layers=LAYERS,
        num_heads=HEADS,
        decoder_start_token_id=T5_START,
    )
    model = randomize(T5ForConditionalGeneration(config), seed=10)
    sizes = {"max_seq_len": LONGEST_ANSWER, "max_hidden_seq_len": LONGEST_TEXT}
    optimum.export(model, "text2text-generation", folder, **sizes)
    _write_text_goldens(folder)


def write_t5_without_cross_cache(folder: Path) -> None:
    """As above, but the decoder computes the cross-attention's keys and values in every step: the exporter gives them a
    cache of one length and the encoder's states another."""

    def forward(self, decoder_input_ids, encoder_hidden_states, cache_position):
        hidden = self.decoder(
            input_ids=decoder_input_ids,
            encoder_hidden_states=encoder_hidden_states,
            past_key_values=EncoderDecoderCache(self.self_attention_cache, DynamicCache()),
            use_cache=True,
            cache_position=cache_position,
        )[0]
        return self.proj_out(hidden)

    with mock.patch.object(integrations.Seq2SeqLMDecoderExportableModuleWithStaticCache, "forward", forward):
        write_t5(folder)


def _write_text_goldens(folder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    messages = [ticket.message for ticket in islice(tickets(SEED, True), CANDIDATES)]
    texts = [message[: 10 + 3 * number % 80] for number, message in enumerate(messages)]
    prompts = [(torch.tensor([tokenizer.encode(text).ids]), text) for text in texts]
    kept = _clearest(folder, ExecuTorchModelForSeq2SeqLM, T5_START, prompts)
    goldens = []
    for number, (text, golden) in enumerate(kept, start=1):
        given = {"text": text, "ids": tokenizer.encode(text).ids}
        goldens.append({"id": f"S-{number:02}", "input": given} | golden)
    write_lines(folder / "goldens.jsonl", goldens)


def _clearest(folder: Path, official: type, start: int, prompts: list[tuple]) -> list[tuple]:
    """Returns those prompts whose best token leads by the widest margin, each with what is expected."""
    program = _load_for_executorch(str(folder / "model.pte"))
    runner = official({"model": _load_for_executorch(str(folder / "model.pte"))}, None)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found = []
    for data, prompt in prompts:
        tokens, margin = _greedy(program, start, data)
        given = runner.generate(data, max_seq_len=MAX_NEW_TOKENS + 1)
        if given[-len(tokens) :] != tokens:
            raise SystemExit(f"{folder.name}: the official class gives {given}, the program {tokens}")
        if len(set(tokens)) >= MAX_NEW_TOKENS // 4:
            text = tokenizer.decode(tokens, skip_special_tokens=True)
            found.append((prompt, {"tokens": tokens, "text": text, "smallestMargin": round(margin, 4)}))
    found.sort(key=lambda kept: -kept[1]["smallestMargin"])
    if len({tuple(golden["tokens"]) for _, golden in found}) < len(found) // 2:
        raise SystemExit(f"{folder.name}: most inputs give the same tokens")
    print(f"{folder.name}: {len(found)} candidates, margins {[golden['smallestMargin'] for _, golden in found[:KEPT]]}")
    return found[:KEPT]


def _greedy(program, start: int, data: torch.Tensor) -> tuple[list[int], float]:
    states = program.run_method("encoder", (data,))[0]
    token, tokens, margin = start, [], float("inf")
    while len(tokens) < MAX_NEW_TOKENS and EOS_ID not in tokens:
        step = (torch.tensor([[token]]), states, torch.tensor([len(tokens)]))
        logits = program.run_method("text_decoder", step)[0].flatten()
        best, second = logits.topk(2).values.tolist()
        margin = min(margin, best - second)
        token = int(logits.argmax())
        tokens.append(token)
    return tokens, margin
