"""Exports Hugging Face causal language models as batched programs: the KV cache is outside the program."""
