"""The module that is exported: the tokens of many sequences in, the logits of some of them out."""

import inspect

import torch
from transformers import PreTrainedModel


class BatchedModel(torch.nn.Module):
    """forward(tokens i64 [T], positions i64 [T], rows i64 [R]) -> logits f32 [R, vocabulary]

    `rows` are the indices into the T tokens whose logits are wanted.
    """

    def __init__(self, model: PreTrainedModel):
        super().__init__()
        self.model = model
        self.selects = "logits_to_keep" in inspect.signature(model.forward).parameters

    def forward(self, tokens: torch.Tensor, positions: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        inputs = {"input_ids": tokens.unsqueeze(0), "position_ids": positions.unsqueeze(0), "use_cache": False}
        if self.selects:
            return self.model(**inputs, logits_to_keep=rows).logits[0]
        hidden = self.model.base_model(**inputs).last_hidden_state
        return self.model.get_output_embeddings()(hidden[0].index_select(0, rows))
