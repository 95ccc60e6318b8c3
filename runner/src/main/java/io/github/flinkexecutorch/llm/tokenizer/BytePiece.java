package io.github.flinkexecutorch.llm.tokenizer;

/** Pieces that stand for one byte of a character that the vocabulary lacks, as {@code <0x0A>}. */
final class BytePiece {
  private static final String DIGITS = "0123456789ABCDEF";

  private BytePiece() {}

  /** The byte, 0 to 255; -1 if the piece is no such piece. */
  static int value(String piece) {
    if (piece.length() != 6 || !piece.startsWith("<0x") || piece.charAt(5) != '>') {
      return -1;
    }
    int high = DIGITS.indexOf(piece.charAt(3));
    int low = DIGITS.indexOf(piece.charAt(4));
    return high < 0 || low < 0 ? -1 : (high << 4) | low;
  }
}
