"""Hugging Face transformers on PyTorch: run_transformers.py FOLDER DTYPE BATCH THREADS. Runs in the peers' environment.

Static batches: each is padded to its longest prompt and runs until its longest completion is done, greedily.
"""

import importlib.metadata
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from answers import serve

folder, dtype, batch, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
logging.set_verbosity_error()
torch.set_num_threads(threads)
tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()


def generate(prompts: list[dict]) -> dict:
    prompt_tokens = new_tokens = 0
    for start in range(0, len(prompts), batch):
        part = prompts[start : start + batch]
        inputs = tokenizer([prompt["prompt"] for prompt in part], return_tensors="pt", padding=True)
        longest = max(prompt["newTokens"] for prompt in part)
        limits = {"do_sample": False, "min_new_tokens": longest, "max_new_tokens": longest}
        with torch.inference_mode():
            ids = model.generate(**inputs, **limits, pad_token_id=tokenizer.pad_token_id)
        new = ids[:, inputs["input_ids"].shape[1] :]
        # Of each completion, what was asked for; the rest was computed for nothing.
        for prompt, completion in zip(part, new, strict=True):
            tokenizer.decode(completion[: prompt["newTokens"]])
            new_tokens += prompt["newTokens"]
        prompt_tokens += int(inputs["attention_mask"].sum())
    return {"promptTokens": prompt_tokens, "newTokens": new_tokens}


versions = [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "transformers")]
serve(generate, version=", ".join(versions))
