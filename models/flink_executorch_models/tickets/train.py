"""Trains the Llama-architecture model that export_llm exports: its own module, so the checkpoint fits as it is."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import torch
from executorch.examples.models.llama.llama_transformer import construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy

from flink_executorch_models.tickets.corpus import Ticket, tickets
from flink_executorch_models.tickets.tokenizer import EOS_ID
from flink_executorch_models.training import IGNORED, padded, share_of_peak


@dataclass(frozen=True)
class Shape:
    """Sizes of the model, in the names of export_llm's parameter file."""

    vocab_size: int
    dim: int = 128
    n_layers: int = 4
    n_heads: int = 4
    n_kv_heads: int = 2
    hidden_dim: int = 384
    norm_eps: float = 1e-5
    rope_theta: float = 10000.0


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn; `batch` counts tickets, the rate falls along a cosine after the warm-up."""

    steps: int = 2200
    batch: int = 64
    peak_rate: float = 3e-3
    warm_up: int = 100
    seed: int = 1


def train(shape: Shape, schedule: Schedule, tokenizer: Tokenizer, context: int, folder: Path) -> dict:
    """Trains on 2 threads, writes `checkpoint.pth` and `params.json` to the folder; returns the figures of the run."""
    torch.manual_seed(schedule.seed)
    torch.set_num_threads(2)
    model = _model(shape, context)
    optimizer = torch.optim.AdamW(model.parameters(), lr=schedule.peak_rate, betas=(0.9, 0.98), weight_decay=0.05)
    started, started_cpu, losses = time.monotonic(), time.process_time(), []
    for step, (inputs, targets) in enumerate(islice(_batches(schedule, tokenizer, context), schedule.steps)):
        for group in optimizer.param_groups:
            group["lr"] = schedule.peak_rate * share_of_peak(step, schedule.steps, schedule.warm_up)
        loss = _loss(model, inputs, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % 100 == 0 or step + 1 == schedule.steps:
            minutes = (time.monotonic() - started) / 60
            print(f"step {step + 1}/{schedule.steps}, loss {_recent(losses):.4f}, {minutes:.1f} min", flush=True)
    torch.save(model.state_dict(), folder / "checkpoint.pth")
    (folder / "params.json").write_text(json.dumps(asdict(shape), indent=2) + "\n")
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "training_steps": schedule.steps,
        "training_tickets": schedule.steps * schedule.batch,
        "training_minutes": round((time.monotonic() - started) / 60, 1),
        "training_cpu_minutes": round((time.process_time() - started_cpu) / 60, 1),
        "final_loss": _recent(losses),
    }


def _model(shape: Shape, context: int) -> torch.nn.Module:
    model = construct_transformer(ModelArgs(max_seq_len=context, max_context_len=context, **asdict(shape)))
    for name, parameter in model.named_parameters():
        if parameter.dim() == 2:
            # Branches that write into the residual stream start smaller, as many layers add up there.
            writes = name.endswith(("wo.weight", "w2.weight"))
            torch.nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * shape.n_layers) if writes else 0.02)
    # The hidden states of all positions come out; the output layer is applied to completions only (see _loss).
    model.generate_full_logits, model.apply_output = True, False
    return model


def _loss(model: torch.nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy over completion tokens: the prompt is given, nobody needs to predict it."""
    counted = targets != IGNORED
    return cross_entropy(model.output(model(inputs)[counted]), targets[counted])


def _batches(schedule: Schedule, tokenizer: Tokenizer, context: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yields inputs and targets [batch, T]. Tickets of like length go together, which saves padding."""
    source = tickets(schedule.seed, held_out=False)
    pool_size = 16
    generator = torch.Generator().manual_seed(schedule.seed)
    while True:
        pool = [_sample(ticket, tokenizer) for ticket in islice(source, schedule.batch * pool_size)]
        pool.sort(key=lambda sample: len(sample[0]))
        if len(pool[-1][0]) > context:
            raise ValueError(f"A ticket of {len(pool[-1][0])} tokens does not fit the context of {context}: raise it")
        for place in torch.randperm(pool_size, generator=generator).tolist():
            yield padded(pool[place * schedule.batch : (place + 1) * schedule.batch], EOS_ID)


def _sample(ticket: Ticket, tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """Returns inputs and targets of one ticket: prompt and completion are encoded apart, as they are at inference."""
    prompt = tokenizer.encode(ticket.prompt).ids
    completion = [*tokenizer.encode(ticket.expected_json).ids, EOS_ID]
    return prompt + completion[:-1], [IGNORED] * (len(prompt) - 1) + completion


def _recent(losses: list[float]) -> float:
    return sum(losses[-100:]) / len(losses[-100:])
