package io.github.flinkexecutorch.llm.grammar;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The tokens of one tokenizer as bytes of text. Immutable; kept as long as its tokenizer lives.
 *
 * <p>Bytes are those of a token in the middle of a text: a completion continues its prompt.
 */
final class Vocabulary {
  private static final Map<Tokenizer, Vocabulary> VOCABULARIES =
      Collections.synchronizedMap(new WeakHashMap<>());

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
    if (id == tokenizer.bosId() || id == tokenizer.eosId() || tokenizer.isSpecial(id)) {
      return null;
    }
    try {
      return tokenizer.decode(id, id);
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
