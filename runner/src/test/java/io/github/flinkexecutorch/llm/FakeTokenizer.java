package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.stream.IntStream;

/** A token is a byte of UTF-8; two special tokens come after them. */
public final class FakeTokenizer implements Tokenizer {
  public static final int BOS = 256;
  public static final int EOS = 257;
  public static final int VOCAB_SIZE = 258;

  private final boolean namesSpecialTokens;

  public FakeTokenizer() {
    this(true);
  }

  FakeTokenizer(boolean namesSpecialTokens) {
    this.namesSpecialTokens = namesSpecialTokens;
  }

  static int[] ids(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xff).toArray();
  }

  @Override
  public int[] encode(String text, int bos, int eos) {
    IntStream front = IntStream.generate(() -> BOS).limit(bos);
    IntStream back = IntStream.generate(() -> EOS).limit(eos);
    return IntStream.concat(IntStream.concat(front, IntStream.of(ids(text))), back).toArray();
  }

  @Override
  public int[] encodeOrdinary(String text) {
    return ids(text);
  }

  @Override
  public int[] encodePrompt(String text, BitSet content) {
    return ids(text);
  }

  @Override
  public byte[] decode(int previous, int token) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (token < BOS) {
      bytes.write(token);
    } else {
      bytes.writeBytes(idToPiece(token).getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }

  @Override
  public String idToPiece(int id) {
    return switch (id) {
      case BOS -> "<bos>";
      case EOS -> "<eos>";
      default -> Character.toString(id);
    };
  }

  @Override
  public int pieceToId(String piece) {
    return piece.length() == 1 ? piece.charAt(0) : UNKNOWN;
  }

  @Override
  public boolean isSpecial(int id) {
    return id == BOS || id == EOS;
  }

  @Override
  public int vocabSize() {
    return VOCAB_SIZE;
  }

  @Override
  public int bosId() {
    return namesSpecialTokens ? BOS : UNKNOWN;
  }

  @Override
  public int eosId() {
    return namesSpecialTokens ? EOS : UNKNOWN;
  }

  @Override
  public void close() {}
}
