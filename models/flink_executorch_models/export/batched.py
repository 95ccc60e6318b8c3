"""The module that is exported: the tokens of many sequences in, the logits of some of them out."""

import torch
from transformers import PreTrainedModel


class BatchedModel(torch.nn.Module):
    """forward(tokens i64 [T], positions i64 [T], rows i64 [R]) -> logits f32 [R, vocabulary]

    `rows` are the indices into the T tokens whose logits are wanted.
    """

    def __init__(self, model: PreTrainedModel):
        super().__init__()
        # One family does not say which of its modules is its base.
        self.layers = model.model if model.base_model is model else model.base_model
        self.head = model.get_output_embeddings()
        self.softcap = getattr(model.config, "final_logit_softcapping", None)

    def forward(self, tokens: torch.Tensor, positions: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        inputs = {"input_ids": tokens.unsqueeze(0), "position_ids": positions.unsqueeze(0)}
        hidden = self.layers(**inputs, use_cache=False).last_hidden_state
        logits = self.head(hidden.view(-1, hidden.shape[-1]).index_select(0, rows))
        return logits if self.softcap is None else torch.tanh(logits / self.softcap) * self.softcap
