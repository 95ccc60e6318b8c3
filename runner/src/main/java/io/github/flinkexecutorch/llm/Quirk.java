package io.github.flinkexecutorch.llm;

/**
 * Behavior of ExecuTorch's C++ runner (1.5) that its documentation does not tell, with what this
 * one does instead. {@link Compatibility} chooses between the two where both exist.
 */
public enum Quirk {
  BOS_FROM_TOKENIZER_ONLY(
      true,
      "`get_bos_id` of the model is ignored.",
      "It is used where the tokenizer's files name no beginning-of-sequence token."),
  EOS_REPLACED_BY_MODEL(
      true,
      "`get_eos_ids` of the model replaces the tokenizer's end-of-sequence token; `get_eos_id` is"
          + " ignored.",
      "Tokenizer, `get_eos_ids`, `get_eos_id` and the request's ids all end a generation."),
  BOS_COUNT_IS_A_FLAG(
      true,
      "`numBos` and `numEos` above 1 count as 1 with a Hugging Face tokenizer.",
      "As many tokens as asked for."),
  TEMPERATURE_AT_MOST_ONE(
      true, "A temperature above 1 is refused.", "Any finite temperature from 0 on is taken."),
  FIRST_TOKEN_IS_GREEDY(
      true,
      "The first token is the likeliest one, whatever the temperature, and no logit processor sees"
          + " it.",
      "It is sampled like every other token."),
  FIRST_TOKEN_NEVER_ENDS(
      true,
      "The first token is not compared with the end-of-sequence tokens.",
      "It ends the generation like every other token."),
  EOS_IS_TEXT(
      true,
      "The end-of-sequence token's spelling is part of the text.",
      "The text ends before it."),
  FIRST_TOKEN_IS_NOT_COUNTED(
      true,
      "`numGeneratedTokens` leaves the first token out.",
      "All generated tokens count, an end-of-sequence token included."),
  EMPTY_PROMPT_COUNTS_ALL(
      true,
      "After `prefill`, `numPromptTokens` of an empty prompt is the position at the end of the"
          + " generation.",
      "It is 0: the tokens were counted when they were prefilled."),
  AGGREGATES_RUN_ON(
      true,
      "Aggregate times of the statistics grow from one generation to the next until `reset`.",
      "They belong to one generation."),
  EXPLICIT_LOAD_IS_NOT_STAMPED(
      true,
      "`load` leaves the stamps of the model's loading at 0.",
      "They tell when the model was loaded, whoever caused it."),
  ENCODE_END_IS_NOT_STAMPED(
      true, "`tokenEncodeEndMs` stays 0.", "It tells when the prompt was tokenized."),
  STOP_IS_LOST_DURING_THE_PROMPT(
      true,
      "`stop` has no effect before the first token.",
      "It ends the generation between two chunks of the prompt, too."),
  CHUNKS_OF_MAX_SEQ_LEN(
      true,
      "Prompts are cut into chunks of `get_max_seq_len`, which may be one token more than the"
          + " program takes, and far more with a sliding window.",
      "Chunks are what the program's method, its metadata and its window all allow."),
  NO_CACHE_NO_MEMORY(
      true,
      "A program without KV cache sees the latest chunk of the prompt only, and nothing of earlier"
          + " turns.",
      "It sees the whole conversation."),
  ROOM_IS_CHECKED_LATE(
      true,
      "A prompt that fills the context is refused, in part after it was fed; where `get_max_seq_len`"
          + " is below `get_max_context_len` only the length of each prompt is checked.",
      "A prompt may fill the context and gets one token; position and prompt together never exceed"
          + " it, and nothing is fed that is refused."),
  SAMPLER_READS_BEYOND_THE_ROW(
      false,
      "A tokenizer with more ids than logits makes the sampler read memory behind them.",
      "The model is refused. Ids that only the logits have are never chosen in either mode."),
  MULTIMODAL_CONTINUES_NOTHING(
      true,
      "`generate` without inputs is refused even after `prefill`.",
      "It continues what was prefilled."),
  MULTIMODAL_BOS_ONCE(
      true,
      "`generate` puts BOS tokens in front of a leading text at the beginning of a conversation"
          + " only; `prefill` does so in front of images, too.",
      "BOS tokens come in front of each prompt that asks for them, unless it begins with token ids."),
  MULTIMODAL_ECHOES_THE_LAST(
      true,
      "`echo` hands out the prompt's text only if the last input is text, and only that one.",
      "It hands out every text of the prompt."),
  MULTIMODAL_CONTEXT_IS_UNCHECKED(
      true,
      "Nothing checks that a prompt fits the context before it is fed.",
      "It is checked before the decoder runs."),
  MULTIMODAL_PROMPT_IS_CUMULATIVE(
      true,
      "`numPromptTokens` is the position in the conversation.",
      "It is the length of this prompt."),
  MULTIMODAL_EXECUTIONS_ARE_NOT_STAMPED(
      true, "Stamps and times of model executions stay 0.", "They are taken as in text runners."),
  IMAGE_LENGTH_IS_UNCHECKED(
      false,
      "An image whose data is shorter than its sizes say is read beyond its end.",
      "It cannot be made."),
  SENTENCEPIECE_BYTES_ARE_SPELLED(
      false,
      "Byte pieces of SentencePiece tokenizers come out as `<0x..>`, but for the newline.",
      "They come out as their bytes."),
  EOS_INDEX_IS_THE_BOS_INDEX(
      false,
      "The Python binding loads tokenizers with the first special token as end of sequence.",
      "It is the second one, as in C++."),
  RSS_IS_THE_PEAK(
      false,
      "`get_rss_bytes` tells the peak.",
      "`ProcessMemory` tells the current and the peak size under their names.");

  private final boolean reproduced;
  private final String upstream;
  private final String ours;

  Quirk(boolean reproduced, String upstream, String ours) {
    this.reproduced = reproduced;
    this.upstream = upstream;
    this.ours = ours;
  }

  /** Whether {@link Compatibility#UPSTREAM} brings it back. */
  public boolean isReproduced() {
    return reproduced;
  }

  /** What upstream does, as a sentence of Markdown. */
  public String upstream() {
    return upstream;
  }

  /** What this runner does, as a sentence of Markdown. */
  public String ours() {
    return ours;
  }
}
