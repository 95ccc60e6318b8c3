"""What a tiny model answers in eager PyTorch: transformers' `generate`; where it is quantized, the quantized eager model."""

from dataclasses import dataclass
from itertools import islice

import torch
from transformers import AutoModelForCausalLM

from flink_executorch_models.batched_goldens.tiny_models import TinyModel
from flink_executorch_models.conformance.tokenizer import SEED, ascii_tokenizer
from flink_executorch_models.export.batched import BatchedModel
from flink_executorch_models.export.reference_attention import KeysAndValues, Run
from flink_executorch_models.tickets.corpus import tickets

NEW_TOKENS = 64
# Shorter and longer than the windows; all but one no multiple of anything.
LENGTHS = (5, 16, 45, 101)
CANDIDATES = 8


@dataclass(frozen=True)
class Answer:
    """:param logits: of every position from the prompt's last token on, [64, vocabulary]"""

    prompt: str
    prompt_tokens: list[int]
    tokens: list[int]
    logits: torch.Tensor

    def margin(self) -> float:
        return smallest_margin(self.logits)


def smallest_margin(logits: torch.Tensor) -> float:
    """By how much the best logit leads the second best where it leads least: a near tie is no basis to compare on."""
    best = logits.topk(2).values
    return float((best[:, 0] - best[:, 1]).min())


def random_model(tiny: TinyModel, folder) -> None:
    """Writes the model; biases and the weights of norms are random too, so that none can be forgotten."""
    torch.manual_seed(SEED)
    model = AutoModelForCausalLM.from_config(tiny.config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder)


def answers(folder) -> list[Answer]:
    """Of the candidates of every length that one whose tokens are the least close."""
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    source = (ticket.message for ticket in tickets(SEED, True))
    best = []
    for length in LENGTHS:
        found = _generated(model, _prompts(source, length))
        best.append(max(found, key=lambda answer: (len(set(answer.tokens)) >= 12, answer.margin())))
    return best


def _prompts(source, length: int) -> list[tuple[str, list[int]]]:
    """Texts of so many tokens, whose tokens are the tokenizer's for the text as a whole."""
    tokenizer, prompts = ascii_tokenizer(), []
    while len(prompts) < CANDIDATES:
        text = tokenizer.decode(tokenizer.encode(" ".join(islice(source, 4))).ids[:length])
        ids = tokenizer.encode(text).ids
        if len(ids) == length:
            prompts.append((text, ids))
    return prompts


def _generated(model, prompts: list[tuple[str, list[int]]]) -> list[Answer]:
    ids = torch.tensor([ids for _, ids in prompts])
    with torch.no_grad():
        output = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=NEW_TOKENS,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
            output_logits=True,
            return_dict_in_generate=True,
        )
    tokens, logits = output.sequences[:, ids.shape[1] :], torch.stack(output.logits, 1)
    return [
        Answer(text, own, row.tolist(), scores)
        for (text, own), row, scores in zip(prompts, tokens, logits, strict=True)
    ]


def quantized_answers(batched: BatchedModel, answers: list[Answer]) -> list[Answer]:
    """The same prompts by the quantized module that was exported, with the operator's definition as attention."""
    return [_greedy(batched, answer.prompt, answer.prompt_tokens) for answer in answers]


def _greedy(batched: BatchedModel, prompt: str, ids: list[int]) -> Answer:
    pages, position, step, tokens, logits = KeysAndValues(), 0, ids, [], []
    while len(tokens) < NEW_TOKENS:
        with torch.no_grad(), pages.step(Run(0, len(step), position)):
            positions = torch.arange(position, position + len(step))
            logits.append(batched(torch.tensor(step), positions, torch.tensor([len(step) - 1])))
        position += len(step)
        step = [int(logits[-1].argmax())]
        tokens += step
    return Answer(prompt, ids, tokens, torch.cat(logits))
