"""Programs that no runner takes: deep fusion, and programs with a method missing."""

from pathlib import Path

import torch
from torch import nn

from flink_executorch_models.conformance_media import early_fusion
from flink_executorch_models.conformance_media.early_fusion import HIDDEN, IMAGE_SIZE, Shape, VisionEncoder
from flink_executorch_models.conformance_media.random_weights import CONTEXT, VOCABULARY, randomize
from flink_executorch_models.programs import exported, lowered

LONGEST, ROWS = 32, 16  # tokens of a step, rows of encoder states


class CrossAttentionDecoder(nn.Module):
    """A decoder layer that attends to the encoder's states, with the inputs of Llama 3.2 Vision's decoder."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, HIDDEN)
        self.query, self.key, self.value = (nn.Linear(HIDDEN, HIDDEN) for _ in range(3))
        self.output = nn.Linear(HIDDEN, VOCABULARY)

    def forward(self, tokens, mask, encoder_input, encoder_mask, input_pos):
        hidden = self.embedding(tokens) + input_pos.unsqueeze(-1) / LONGEST
        hidden = hidden + self._attend(hidden, hidden, mask)
        return self.output(hidden + self._attend(hidden, encoder_input, encoder_mask))

    def _attend(self, hidden, states, mask):
        scores = self.query(hidden) @ self.key(states).transpose(1, 2) / HIDDEN**0.5
        return torch.softmax(scores.masked_fill(~mask, -1e9), dim=-1) @ self.value(states)


class FusedDecoder(nn.Module):
    """The same as a method `text_decoder` beside its encoder."""

    def __init__(self):
        super().__init__()
        self.decoder = CrossAttentionDecoder()

    def forward(self, tokens, positions, encoder_states):
        length = tokens.shape[1]
        seen = torch.ones(1, length, length, dtype=torch.bool).tril()
        every = torch.ones(1, length, encoder_states.shape[1], dtype=torch.bool)
        return self.decoder(tokens, seen, encoder_states, every, positions.unsqueeze(0))


def write_deep_fusion_decoder(folder: Path) -> None:
    tokens = torch.ones(1, 4, dtype=torch.int64)
    masks = [torch.ones(1, 4, rows, dtype=torch.bool) for rows in (LONGEST, ROWS)]
    states = torch.zeros(1, ROWS, HIDDEN)
    inputs = (tokens, masks[0][:, :, :4], states, masks[1], torch.arange(4).unsqueeze(0))
    decoder = randomize(CrossAttentionDecoder(), seed=11)
    _write(folder, {"forward": exported(decoder, inputs)})


def write_deep_fusion(folder: Path) -> None:
    length = torch.export.Dim("length", min=2, max=LONGEST)
    inputs = (torch.ones(1, 4, dtype=torch.int64), torch.arange(4), torch.zeros(1, ROWS, HIDDEN))
    decoder = exported(randomize(FusedDecoder(), seed=12), inputs, ({1: length}, {0: length}, None))
    encoder = exported(randomize(VisionEncoder(Shape()), seed=1), (torch.zeros(1, 3, IMAGE_SIZE, IMAGE_SIZE),))
    _write(folder, {"vision_encoder": encoder, "text_decoder": decoder})


def write_without(method: str, folder: Path) -> None:
    methods = early_fusion.exported_decoder(Shape())
    del methods[method]
    _write(folder, methods)


def _write(folder: Path, methods: dict) -> None:
    program = lowered(methods, constants={"get_max_seq_len": CONTEXT, "get_vocab_size": VOCABULARY})
    (folder / "model.pte").write_bytes(program.buffer)
