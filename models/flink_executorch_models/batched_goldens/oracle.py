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
CANDIDATES = 24


@dataclass(frozen=True)
class Answer:
    """:param logits: of every position from the prompt's last token on, [64, vocabulary]"""

    prompt: str
    prompt_tokens: list[int]
    tokens: list[int]
    logits: torch.Tensor

    def margin(self) -> float:
        """By how much the best logit leads the second best where it leads least: a near tie is no basis to compare on."""
        best = self.logits.topk(2).values
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
    tokenizer = ascii_tokenizer()
    source = (ticket.message for ticket in tickets(SEED, True))
    best = []
    for length in LENGTHS:
        prompts = [tokenizer.encode(" ".join(islice(source, 4))).ids[:length] for _ in range(CANDIDATES)]
        found = [_generated(model, tokenizer.decode(ids), ids) for ids in prompts]
        best.append(max(found, key=lambda answer: (len(set(answer.tokens)) >= 12, answer.margin())))
    return best


def _generated(model, prompt: str, ids: list[int]) -> Answer:
    with torch.no_grad():
        output = model.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.int64),
            max_new_tokens=NEW_TOKENS,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
            output_logits=True,
            return_dict_in_generate=True,
        )
    return Answer(prompt, ids, output.sequences[0, len(ids) :].tolist(), torch.cat(output.logits))


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
