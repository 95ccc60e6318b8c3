package io.github.flinkexecutorch.llm.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * The BPE of llama2.c: of all neighbors that together are a piece, those with the highest score are
 * merged first, the leftmost of these before the others. A text begins with a space of its own, and
 * a character without a piece becomes its bytes.
 */
final class Llama2cTokenizer extends VocabularyTokenizer {
  /** Ids before the bytes are the unknown, beginning- and end-of-sequence tokens. */
  static final int FIRST_BYTE = 3;

  static final int FIRST_TEXT = FIRST_BYTE + 256;

  private static final float LOWEST_SCORE = -1e10f;

  private final float[] scores;

  Llama2cTokenizer(Vocabulary vocabulary, float[] scores) {
    super(vocabulary);
    this.scores = scores;
  }

  @Override
  int[] tokens(String text) {
    return promptTokens(text, new BitSet());
  }

  @Override
  int[] ordinaryTokens(String text) {
    BitSet all = new BitSet();
    all.set(0, text.length());
    return promptTokens(text, all);
  }

  @Override
  int[] promptTokens(String text, BitSet content) {
    return new Merging(text, content).tokens();
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= 0 && id < FIRST_BYTE;
  }

  @Override
  public byte[] decode(int previous, int token) {
    byte[] bytes = super.decode(previous, token);
    boolean first = previous == UNKNOWN || previous == bosId();
    return first && bytes.length > 0 && bytes[0] == ' ' && token >= FIRST_TEXT
        ? Arrays.copyOfRange(bytes, 1, bytes.length)
        : bytes;
  }

  /** Two neighbors that together are the piece {@code merged}. */
  private record Pair(int left, int right, int leftId, int rightId, int merged, float score) {
    static final Comparator<Pair> ORDER =
        Comparator.comparingDouble(Pair::score).reversed().thenComparingInt(Pair::left);
  }

  /** One text on its way to tokens, as a list whose places are those of its characters. */
  private final class Merging {
    private static final int GONE = -1;

    /** Places that become no special token, nor a part of one. */
    private final BitSet ordinary = new BitSet();

    private final int[] ids;
    private final int[] next;
    private final int[] previous;
    private final PriorityQueue<Pair> pairs = new PriorityQueue<>(Pair.ORDER);
    private int size;

    Merging(String text, BitSet content) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      ids = new int[1 + utf8.length];
      next = new int[ids.length];
      previous = new int[ids.length];
      if (!text.isEmpty()) {
        ids[size++] = pieceToId(" ");
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
          addCharacter(text.codePointAt(at), content.get(at));
        }
      }
      for (int place = 0; place < size; place++) {
        previous[place] = place - 1;
        next[place] = place + 1 < size ? place + 1 : GONE;
      }
    }

    int[] tokens() {
      for (int place = 0; place + 1 < size; place++) {
        consider(place, place + 1);
      }
      for (Pair pair = pairs.poll(); pair != null; pair = pairs.poll()) {
        boolean unchanged =
            ids[pair.left] == pair.leftId
                && ids[pair.right] == pair.rightId
                && next[pair.left] == pair.right;
        if (unchanged) {
          merge(pair);
        }
      }
      return Arrays.stream(ids, 0, size).filter(id -> id != GONE).toArray();
    }

    private void addCharacter(int character, boolean isContent) {
      String piece = Character.toString(character);
      int id = pieceToId(piece);
      ordinary.set(size, isContent);
      if (id >= (isContent ? FIRST_BYTE : 0)) {
        ids[size++] = id;
        return;
      }
      for (byte value : piece.getBytes(StandardCharsets.UTF_8)) {
        ordinary.set(size, isContent);
        ids[size++] = FIRST_BYTE + (value & 0xff);
      }
    }

    private void merge(Pair pair) {
      ids[pair.left] = pair.merged;
      ids[pair.right] = GONE;
      next[pair.left] = next[pair.right];
      if (next[pair.left] != GONE) {
        previous[next[pair.left]] = pair.left;
        consider(pair.left, next[pair.left]);
      }
      if (previous[pair.left] != GONE) {
        consider(previous[pair.left], pair.left);
      }
    }

    /** What the places from {@code left} up to {@code end} may become. */
    private int lowestId(int left, int end) {
      int content = ordinary.nextSetBit(left);
      return content >= 0 && (end == GONE || content < end) ? FIRST_BYTE : 0;
    }

    private void consider(int left, int right) {
      int merged = pieceToId(idToPiece(ids[left]) + idToPiece(ids[right]));
      if (merged >= lowestId(left, next[right]) && scores[merged] > LOWEST_SCORE) {
        pairs.add(
            new Pair(
                left,
                right,
                ids[left],
                ids[right],
                merged,
                scores[merged] + 0f)); // of two zeros neither is less
      }
    }
  }
}
