"""The families of the multimodal half of the conformance suite."""

from functools import partial
from pathlib import Path

import torch

from flink_executorch_models.conformance_media import early_fusion, inputs, llava, optimum_multimodal, refused, seq2seq
from flink_executorch_models.conformance_media.early_fusion import BINS, FRAMES, IMAGE_SIZE, Shape
from flink_executorch_models.conformance_media.family import Family
from flink_executorch_models.conformance_media.goldens import LAYOUTS, MARKED_LAYOUTS, SLOW_LAYOUTS, write_goldens
from flink_executorch_models.conformance_media.random_weights import CONTEXT, VOCABULARY
from flink_executorch_models.tickets.tokenizer import BOS_ID, EOS_ID

OWN_SCRIPT, OPTIMUM = "torch.export script", "optimum-executorch"
DEEP_FUSION = "deep fusion (cross-attention inside the decoder) is out of scope"
WINDOW = CONTEXT // 2


def _llava(folder: Path) -> None:
    (folder / "model.pte").write_bytes(llava.export())
    size = llava.IMAGE_SIZE
    write_goldens(folder, inputs.images(torch.uint8, [(3, size, size), (3, size - 8, size), (3, size, size - 14)]))


def _images() -> list[inputs.Media]:
    return inputs.images(torch.float32, [(3, IMAGE_SIZE, IMAGE_SIZE)] * 3)


def _inside_vocabulary(folder: Path) -> None:
    shape = Shape(VOCABULARY + 1, position_of_each=True, all_logits=True, custom_attention=False)
    constants = {
        "get_max_seq_len": CONTEXT,
        "get_max_context_len": CONTEXT,
        "get_vocab_size": VOCABULARY + 1,
        "get_bos_id": BOS_ID,
        "get_eos_ids": [EOS_ID],
        "use_kv_cache": True,
        "enable_dynamic_shape": True,
        "vision_token_id": VOCABULARY,
    }
    (folder / "model.pte").write_bytes(early_fusion.export(shape, constants))
    write_goldens(folder, _images(), LAYOUTS + MARKED_LAYOUTS)


def _outside_vocabulary(folder: Path) -> None:
    shape = Shape(longest_step=WINDOW - 1, batched_images=False, inputs_planned=False)
    constants = {"get_max_seq_len": WINDOW, "get_max_context_len": CONTEXT, "vision_token_id": VOCABULARY}
    (folder / "model.pte").write_bytes(early_fusion.export(shape, constants))
    write_goldens(folder, _images())


def _bfloat16_images(folder: Path) -> None:
    shape = Shape(custom_attention=False, dtype=torch.bfloat16)
    (folder / "model.pte").write_bytes(early_fusion.export(shape, {"get_max_seq_len": CONTEXT}))
    write_goldens(folder, _images(), SLOW_LAYOUTS, candidates=24)


def _bfloat16_audio(folder: Path) -> None:
    shape = Shape(custom_attention=False, dtype=torch.bfloat16, position_of_each=True)
    program = early_fusion.export(shape, {"get_max_seq_len": CONTEXT}, "audio_encoder")
    (folder / "model.pte").write_bytes(program)
    features = inputs.features([(1, BINS, FRAMES), (3, BINS, FRAMES), (2, BINS, FRAMES)])
    write_goldens(folder, features, SLOW_LAYOUTS, candidates=24)


FAMILIES = [
    Family(
        "llava",
        "LLaVA 1.5",
        OWN_SCRIPT,
        "MultimodalRunner",
        "the official example's export_all; u8 images of any even size up to 32, 8da4w, 8-bit embeddings, custom_sdpa",
        _llava,
    ),
    Family(
        "early-fusion-inside-vocabulary",
        "CLIP encoder with an early-fusion decoder, the image's placeholder inside the vocabulary",
        OWN_SCRIPT,
        "MultimodalRunner",
        "f32 images with a batch dimension, plain attention, a position of each token, all logits",
        _inside_vocabulary,
        placeholder=True,
    ),
    Family(
        "early-fusion-outside-vocabulary",
        "CLIP encoder with an early-fusion decoder, the image's placeholder outside the vocabulary",
        OWN_SCRIPT,
        "MultimodalRunner",
        "f32 images without a batch dimension, custom_sdpa, the first position, steps shorter than the context",
        _outside_vocabulary,
    ),
    Family(
        "early-fusion-bf16",
        "CLIP encoder with an early-fusion decoder in bfloat16",
        OWN_SCRIPT,
        "MultimodalRunner",
        "bf16 images, embeddings and logits, portable kernels, the first position",
        _bfloat16_images,
    ),
    Family(
        "audio-bf16",
        "Audio encoder with an early-fusion decoder in bfloat16",
        OWN_SCRIPT,
        "MultimodalRunner",
        "bf16 features of one to three windows, embeddings and logits, portable kernels, a position of each token",
        _bfloat16_audio,
    ),
    Family(
        "gemma3-vision",
        "Gemma 3 with images",
        OPTIMUM,
        "MultimodalRunner",
        "f32 images with a batch dimension, custom_sdpa and ring caches, a position of each token, steps shorter than "
        "the sliding window; the example image, which the exporter downloads, is a random one",
        optimum_multimodal.write_gemma3,
    ),
    Family(
        "smolvlm",
        "SmolVLM",
        OPTIMUM,
        "MultimodalRunner",
        "f32 images [1, images, 3, H, W]; the example image, which the exporter downloads, is a random one",
        optimum_multimodal.write_smolvlm,
    ),
    Family(
        "idefics3",
        "Idefics 3",
        OPTIMUM,
        "MultimodalRunner",
        "f32 images [1, images, 3, H, W]; the example image, which the exporter downloads, is a random one",
        optimum_multimodal.write_idefics3,
    ),
    Family(
        "voxtral",
        "Voxtral",
        OPTIMUM,
        "MultimodalRunner",
        "f32 features of 1 to 10 windows, 8da4w, custom_sdpa and custom caches, a position of each token; the example "
        "sound, which the exporter downloads, is a random one",
        optimum_multimodal.write_voxtral,
    ),
    Family(
        "whisper",
        "Whisper",
        OPTIMUM,
        "Seq2SeqRunner",
        "f32 features of one window of 1 s, static shapes, sampler; goldens by ExecuTorchModelForSpeechSeq2Seq, "
        "without the start token",
        seq2seq.write_whisper,
        oracle="program called directly",
    ),
    Family(
        "t5",
        "T5",
        OPTIMUM,
        "Seq2SeqRunner",
        "ids of any number up to 96, sampler",
        seq2seq.write_t5,
        oracle="program called directly",
    ),
    Family(
        "t5-without-cross-cache",
        "T5",
        OWN_SCRIPT,
        "Seq2SeqRunner",
        "optimum-executorch's exporter with a decoder that keeps no keys and values of the cross-attention; ids of any "
        "number up to 96, sampler; goldens by ExecuTorchModelForSeq2SeqLM, without the start token",
        seq2seq.write_t5_without_cross_cache,
        oracle="program called directly",
    ),
    Family(
        "deep-fusion",
        "Deep fusion in one program",
        OWN_SCRIPT,
        "MultimodalRunner",
        "text_decoder takes the encoder's states beside the tokens",
        refused.write_deep_fusion,
        unsupported=DEEP_FUSION,
    ),
    Family(
        "deep-fusion-decoder",
        "Llama 3.2 Vision's decoder",
        OWN_SCRIPT,
        "TextLLMRunner",
        "forward takes tokens, a mask, the encoder's states, their mask, and positions, as upstream's example does",
        refused.write_deep_fusion_decoder,
        unsupported=DEEP_FUSION,
    ),
    Family(
        "without-token-embedding",
        "A multimodal program that lacks token_embedding",
        OWN_SCRIPT,
        "MultimodalRunner",
        "text_decoder only",
        partial(refused.write_without, "token_embedding"),
        unsupported="no method token_embedding",
    ),
    Family(
        "without-text-decoder",
        "A multimodal program that lacks text_decoder",
        OWN_SCRIPT,
        "MultimodalRunner",
        "token_embedding only",
        partial(refused.write_without, "text_decoder"),
        unsupported="no method text_decoder",
    ),
]
