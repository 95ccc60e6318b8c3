package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Every token of a tokenizer by its id: how it is spelled and what bytes it stands for. */
final class Vocabulary {
  /** Far above any real vocabulary; bounds the tables that ids index. */
  static final int HIGHEST_ID = (1 << 20) - 1;

  private static final int MOST_SPECIAL = 127;

  private final String[] pieces;
  private final byte[][] bytes;
  private final SpecialTokens special;
  private final Map<String, Integer> ids;

  /** Ids without a token are null in both tables. Of two tokens spelled alike the first counts. */
  Vocabulary(String[] pieces, byte[][] bytes, SpecialTokens special) {
    this.pieces = pieces;
    this.bytes = bytes;
    this.special = special;
    ids = new HashMap<>(pieces.length * 4 / 3 + 1);
    for (int id = 0; id < pieces.length; id++) {
      if (pieces[id] != null) {
        ids.putIfAbsent(pieces[id], id);
      }
    }
  }

  int size() {
    return pieces.length;
  }

  SpecialTokens special() {
    return special;
  }

  String piece(int id) {
    return pieces[known(id)];
  }

  byte[] bytes(int id) {
    return bytes[known(id)];
  }

  int id(String piece) {
    return ids.getOrDefault(piece, Tokenizer.UNKNOWN);
  }

  /** {@code tokens} between as many special tokens as asked for. */
  int[] framed(int[] tokens, int bos, int eos) {
    int[] framed = new int[bos + tokens.length + eos];
    Arrays.fill(framed, 0, bos, special.bosId());
    System.arraycopy(tokens, 0, framed, bos, tokens.length);
    Arrays.fill(framed, bos + tokens.length, framed.length, special.eosId());
    return framed;
  }

  /**
   * @throws InvalidRequestException if so many special tokens cannot be added
   */
  void requireSpecial(int bos, int eos) {
    require(bos, special.bosId(), "numBos", "bos_token");
    require(eos, special.eosId(), "numEos", "eos_token");
  }

  private static void require(int count, int id, String field, String name) {
    if (count < 0 || count > MOST_SPECIAL) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER, field + " is " + count + "; it can be 0 to " + MOST_SPECIAL);
    }
    if (count > 0 && id == Tokenizer.UNKNOWN) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER,
          field
              + " is "
              + count
              + ", but the tokenizer's files name no "
              + name
              + "; use 0, or name it in tokenizer_config.json beside a tokenizer.json");
    }
  }

  private int known(int id) {
    if (id < 0 || id >= pieces.length || pieces[id] == null) {
      throw new IllegalArgumentException(
          "No token has the id " + id + "; ids go from 0 to " + (pieces.length - 1));
    }
    return id;
  }
}
