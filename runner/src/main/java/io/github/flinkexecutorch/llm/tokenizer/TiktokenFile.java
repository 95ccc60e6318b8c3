package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A tiktoken file: a line for each token, its bytes in base64, a space, and its rank. */
final class TiktokenFile {
  private TiktokenFile() {}

  /**
   * @throws InvalidModelException saying why the file is no such file
   */
  static Tokenizer open(TokenizerFile file, TiktokenOptions options) {
    List<byte[]> tokens = new ArrayList<>();
    int number = 0;
    int start = 0;
    byte[] content = file.content();
    while (start < content.length) {
      int end = start;
      while (end < content.length && content[end] != '\n') {
        end++;
      }
      number++;
      String line = new String(content, start, end - start, StandardCharsets.ISO_8859_1).strip();
      if (!line.isEmpty()) {
        add(tokens, line, number);
      }
      start = end + 1;
    }
    if (tokens.isEmpty()) {
      throw new InvalidModelException("it has no line with base64 and a rank");
    }
    int missing = tokens.indexOf(null);
    if (missing >= 0) {
      throw new InvalidModelException("no line has the rank " + missing);
    }
    Map<String, Integer> special = new HashMap<>();
    options.specialTokens().forEach(token -> special.put(token, tokens.size() + special.size()));
    return BytePairTokenizer.of(
        options.pattern(),
        tokens,
        0,
        special,
        new SpecialTokens(
            id(options.bosIndex(), tokens.size()), id(options.eosIndex(), tokens.size())));
  }

  private static int id(int index, int firstId) {
    return index == Tokenizer.UNKNOWN ? index : firstId + index;
  }

  private static void add(List<byte[]> tokens, String line, int number) {
    int space = line.indexOf(' ');
    try {
      byte[] token = Base64.getDecoder().decode(line.substring(0, Math.max(space, 0)));
      int rank = Integer.parseInt(line.substring(space + 1));
      if (token.length == 0 || rank < 0 || rank > Vocabulary.HIGHEST_ID) {
        throw new IllegalArgumentException("out of range");
      }
      if (rank >= tokens.size()) {
        tokens.addAll(Collections.nCopies(rank + 1 - tokens.size(), null));
      }
      if (tokens.set(rank, token) != null) {
        throw new InvalidModelException("line " + number + " repeats the rank " + rank);
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException("line " + number + " is not base64, a space and a rank", e);
    }
  }
}
