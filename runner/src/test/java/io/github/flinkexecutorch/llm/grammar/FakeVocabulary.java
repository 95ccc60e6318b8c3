package io.github.flinkexecutorch.llm.grammar;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** A tokenizer of exactly these pieces, for vocabularies that no trainer would make. */
final class FakeVocabulary implements Tokenizer {
  private final List<String> pieces;
  private final int eosId;

  /** The last piece is the end-of-sequence token. */
  static FakeVocabulary withEos(String... pieces) {
    return new FakeVocabulary(Arrays.asList(pieces), pieces.length - 1);
  }

  static FakeVocabulary withoutEos(String... pieces) {
    return new FakeVocabulary(Arrays.asList(pieces), UNKNOWN);
  }

  private FakeVocabulary(List<String> pieces, int eosId) {
    this.pieces = pieces;
    this.eosId = eosId;
  }

  @Override
  public int[] encode(String text, int bos, int eos) {
    throw new UnsupportedOperationException("Grammars only decode");
  }

  @Override
  public int[] encodeOrdinary(String text) {
    throw new UnsupportedOperationException("Grammars only decode");
  }

  @Override
  public int[] encodePrompt(String text, BitSet content) {
    throw new UnsupportedOperationException("Grammars only decode");
  }

  @Override
  public byte[] decode(int previous, int token) {
    return idToPiece(token).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String idToPiece(int id) {
    if (pieces.get(id) == null) {
      throw new IllegalArgumentException("No token has the id " + id);
    }
    return pieces.get(id);
  }

  @Override
  public int pieceToId(String piece) {
    return pieces.indexOf(piece);
  }

  @Override
  public boolean isSpecial(int id) {
    return pieces.get(id) != null && pieces.get(id).matches("<.+>|\\[INST]");
  }

  @Override
  public int vocabSize() {
    return pieces.size();
  }

  @Override
  public int bosId() {
    return UNKNOWN;
  }

  @Override
  public int eosId() {
    return eosId;
  }

  @Override
  public void close() {}
}
