package io.github.flinkexecutorch.llm.grammar;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.regex.Pattern;

/**
 * The tokens of one tokenizer as bytes of text. Immutable; kept as long as its tokenizer lives.
 *
 * <p>Bytes are those of a token in the middle of a text: a completion continues its prompt.
 */
final class Vocabulary {
  private static final Map<Tokenizer, Vocabulary> VOCABULARIES =
      Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * How special tokens are spelled. Tokenizers do not tell them from others; an ordinary token that
   * is taken for one is merely spelled by other tokens.
   */
  private static final Pattern SPECIAL =
      Pattern.compile("<[|\uff5c].*[|\uff5c]>|</?[A-Za-z][A-Za-z0-9_-]*>|\\[/?[A-Z][A-Z0-9_]*\\]");

  private final byte[][] bytes;
  private final TokenTrie trie;
  private final GrammarCache grammars = new GrammarCache();

  private Vocabulary(Tokenizer tokenizer) {
    bytes = new byte[tokenizer.vocabSize()][];
    for (int id = 0; id < bytes.length; id++) {
      bytes[id] = text(tokenizer, id);
    }
    trie = new TokenTrie(bytes);
  }

  static Vocabulary of(Tokenizer tokenizer) {
    return VOCABULARIES.computeIfAbsent(tokenizer, Vocabulary::new);
  }

  private static byte[] text(Tokenizer tokenizer, int id) {
    if (id == tokenizer.bosId() || id == tokenizer.eosId()) {
      return null;
    }
    try {
      byte[] bytes = tokenizer.decode(id, id);
      String piece = tokenizer.idToPiece(id);
      boolean spelled = Arrays.equals(bytes, piece.getBytes(StandardCharsets.UTF_8));
      return spelled && SPECIAL.matcher(piece).matches() ? null : bytes;
    } catch (IllegalArgumentException e) {
      return null; // no token has this id
    }
  }

  int size() {
    return bytes.length;
  }

  TokenTrie trie() {
    return trie;
  }

  GrammarCache grammars() {
    return grammars;
  }

  /** UTF-8 of a token, null if it is no part of a text. */
  byte[] bytes(int token) {
    return token >= 0 && token < bytes.length ? bytes[token] : null;
  }
}
