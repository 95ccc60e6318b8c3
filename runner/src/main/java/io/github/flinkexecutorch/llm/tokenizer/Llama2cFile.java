package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A {@code tokenizer.bin} of llama2.c as ExecuTorch writes it. Little-endian: four 32-bit integers,
 * that is the size of the vocabulary, the beginning- and end-of-sequence ids and the length of the
 * longest piece; then for each piece its score as a 32-bit float, its length in bytes as a 32-bit
 * integer, and its UTF-8. Pieces that are missing at the end are {@code <pad>}.
 */
final class Llama2cFile {
  private static final int HEADER = 16;
  private static final int LEAST_PIECE = 9;
  private static final String PADDING = "<pad>";

  private Llama2cFile() {}

  /**
   * @throws InvalidModelException saying why the file is no such file
   */
  static Tokenizer open(TokenizerFile file) {
    ByteBuffer content = ByteBuffer.wrap(file.content()).order(ByteOrder.LITTLE_ENDIAN);
    if (content.remaining() < HEADER) {
      throw new InvalidModelException("it has fewer than " + HEADER + " bytes");
    }
    int size = content.getInt();
    SpecialTokens special = new SpecialTokens(content.getInt(), content.getInt());
    int longest = content.getInt();
    if (size < Llama2cTokenizer.FIRST_TEXT || size - 1 > Vocabulary.HIGHEST_ID) {
      throw new InvalidModelException("its header says that it has " + size + " pieces");
    }
    if (!isId(special.bosId(), size) || !isId(special.eosId(), size)) {
      throw new InvalidModelException("its header names special tokens that it does not have");
    }
    String[] pieces = new String[size];
    float[] scores = new float[size];
    for (int id = 0; id < size; id++) {
      boolean padding = !content.hasRemaining();
      if (!padding) {
        scores[id] = score(content, id);
      }
      pieces[id] = padding ? PADDING : piece(content, id, longest);
    }
    if (content.hasRemaining()) {
      throw new InvalidModelException(content.remaining() + " bytes follow its last piece");
    }
    Vocabulary vocabulary = new Vocabulary(pieces, bytes(pieces), special);
    if (vocabulary.id(" ") == Tokenizer.UNKNOWN) {
      throw new InvalidModelException("it has no piece for the space that texts begin with");
    }
    return new Llama2cTokenizer(vocabulary, scores);
  }

  private static boolean isId(int id, int size) {
    return id >= Tokenizer.UNKNOWN && id < size;
  }

  private static float score(ByteBuffer content, int id) {
    if (content.remaining() < LEAST_PIECE) {
      throw new InvalidModelException("it ends inside piece " + id);
    }
    float score = content.getFloat();
    if (Float.isNaN(score)) {
      throw new InvalidModelException("its piece " + id + " has no score");
    }
    return score;
  }

  private static String piece(ByteBuffer content, int id, int longest) {
    int length = content.getInt();
    if (length < 1 || length > longest || length > content.remaining()) {
      throw new InvalidModelException(
          "its piece " + id + " has " + length + " bytes, of " + longest + " at most");
    }
    ByteBuffer utf8 = content.slice(content.position(), length);
    content.position(content.position() + length);
    try {
      String piece = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
      if (piece.indexOf('\0') >= 0) {
        throw new InvalidModelException("its piece " + id + " has a zero byte");
      }
      return piece;
    } catch (CharacterCodingException e) {
      throw new InvalidModelException("its piece " + id + " is not UTF-8", e);
    }
  }

  private static byte[][] bytes(String[] pieces) {
    byte[][] bytes = new byte[pieces.length][];
    for (int id = 0; id < pieces.length; id++) {
      int value = id - Llama2cTokenizer.FIRST_BYTE;
      boolean isByte = value >= 0 && value < 256;
      if (isByte && BytePiece.value(pieces[id]) != value) {
        throw new InvalidModelException("its piece " + id + " is not that of the byte " + value);
      }
      bytes[id] = isByte ? new byte[] {(byte) value} : pieces[id].getBytes(StandardCharsets.UTF_8);
    }
    return bytes;
  }
}
