package io.github.flinkexecutorch.llm;

import java.util.Map;
import java.util.Optional;

/** Widths of logits that tell a family of models, and so of tokenizers. */
final class KnownVocabularies {
  private static final Map<Long, String> FAMILIES =
      Map.ofEntries(
          Map.entry(32000L, "Llama 2, TinyLlama, Mistral 7B"),
          Map.entry(32016L, "Code Llama"),
          Map.entry(32064L, "Phi-3"),
          Map.entry(32128L, "T5"),
          Map.entry(49152L, "SmolLM, SmolLM 2"),
          Map.entry(49280L, "SmolVLM"),
          Map.entry(50257L, "GPT-2"),
          Map.entry(51864L, "Whisper, English only"),
          Map.entry(51865L, "Whisper"),
          Map.entry(51866L, "Whisper large v3"),
          Map.entry(128256L, "Llama 3, SmolLM 3"),
          Map.entry(131072L, "Mistral with tekken, Voxtral"),
          Map.entry(151936L, "Qwen 2.5 and Qwen 3"),
          Map.entry(152064L, "Qwen 2.5 of 7B and larger"),
          Map.entry(200064L, "Phi-4-mini"),
          Map.entry(262144L, "Gemma 3"),
          Map.entry(262208L, "Gemma 3 with vision"));

  private KnownVocabularies() {}

  static Optional<String> family(long logitsWidth) {
    return Optional.ofNullable(FAMILIES.get(logitsWidth));
  }
}
