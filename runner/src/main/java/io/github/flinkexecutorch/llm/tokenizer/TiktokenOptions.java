package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a tiktoken file leaves out: a file of ranks names neither the pattern that splits a text nor
 * the special tokens.
 *
 * @param pattern regular expression in the syntax of tiktoken, whose matches are encoded one by one
 * @param specialTokens the special tokens; their ids follow those of the file in this order
 * @param bosIndex place of the beginning-of-sequence token in the list, or {@link
 *     Tokenizer#UNKNOWN}
 * @param eosIndex place of the end-of-sequence token in the list, or {@link Tokenizer#UNKNOWN}
 */
public record TiktokenOptions(
    String pattern, List<String> specialTokens, int bosIndex, int eosIndex) {
  private static final int MOST_SPECIAL_TOKENS = 1 << 16;

  /** Llama 3: its pattern and 256 special tokens, {@code <|begin_of_text|>} the first of them. */
  public static final TiktokenOptions LLAMA_3 =
      new TiktokenOptions(
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
              + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          llama3SpecialTokens(),
          0,
          1);

  /**
   * @throws InvalidModelException if a special token is empty or there twice, there are more than
   *     65,536, or an index is outside of the list
   */
  public TiktokenOptions {
    specialTokens = List.copyOf(specialTokens);
    if (specialTokens.size() > MOST_SPECIAL_TOKENS
        || specialTokens.contains("")
        || new HashSet<>(specialTokens).size() < specialTokens.size()) {
      throw new InvalidModelException(
          "Special tokens must be different, not empty, and at most "
              + MOST_SPECIAL_TOKENS
              + "; got "
              + specialTokens.size());
    }
    requireIndex("bosIndex", bosIndex, specialTokens.size());
    requireIndex("eosIndex", eosIndex, specialTokens.size());
  }

  private static void requireIndex(String name, int index, int size) {
    if (index < Tokenizer.UNKNOWN || index >= size) {
      throw new InvalidModelException(
          name + " is " + index + ", but there are " + size + " special tokens");
    }
  }

  private static List<String> llama3SpecialTokens() {
    List<String> named =
        List.of(
            "<|begin_of_text|>",
            "<|end_of_text|>",
            "<|reserved_special_token_0|>",
            "<|reserved_special_token_1|>",
            "<|finetune_right_pad_id|>",
            "<|step_id|>",
            "<|start_header_id|>",
            "<|end_header_id|>",
            "<|eom_id|>",
            "<|eot_id|>",
            "<|python_tag|>",
            "<|image|>");
    int reserved = 256 - named.size();
    return Stream.concat(
            named.stream(),
            IntStream.range(2, 2 + reserved).mapToObj(i -> "<|reserved_special_token_" + i + "|>"))
        .toList();
  }
}
