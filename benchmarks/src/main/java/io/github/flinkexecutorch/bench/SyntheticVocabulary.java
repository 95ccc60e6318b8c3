package io.github.flinkexecutorch.bench;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A vocabulary of the usual proportions: every byte, numbers, punctuation, and for the rest
 * syllables and words, most of them with a space in front, some with characters beyond ASCII.
 */
final class SyntheticVocabulary implements Tokenizer {
  private static final String[] ONSETS =
      "b br c ch cl cr d dr f fl g gr h j k l m n p pl pr qu r s sh sp st str t th tr v w z"
          .split(" ");
  private static final String[] NUCLEI =
      "a ai au e ea ee i ie o oa oo ou u \u00e9 \u00fc \u00f8".split(" ");
  private static final String[] CODAS = {
    "", "", "b", "ck", "d", "ght", "l", "ll", "m", "n", "nd", "ng", "nt", "r", "rs", "s", "st", "t",
    "x"
  };
  private static final String[] JOINED = {
    "\":\"", "\",\"", "\": ", "\", \"", "{\"", "\"}", "},", "[{", "();", "://", "...", "\n\n", "  ",
    "    "
  };
  private static final int SINGLE_BYTES = 256;

  private final List<byte[]> pieces = new ArrayList<>();

  SyntheticVocabulary(int size, long seed) {
    for (int value = 0; value < SINGLE_BYTES; value++) {
      pieces.add(new byte[] {(byte) value});
    }
    Random random = new Random(seed);
    Set<String> words = new LinkedHashSet<>(List.of(JOINED));
    while (words.size() < size - SINGLE_BYTES - 1) {
      words.add(word(random));
    }
    words.forEach(word -> pieces.add(word.getBytes(StandardCharsets.UTF_8)));
    pieces.add("</s>".getBytes(StandardCharsets.UTF_8));
  }

  private static String word(Random random) {
    if (random.nextInt(20) == 0) {
      return Integer.toString(random.nextInt(10_000));
    }
    StringBuilder word = new StringBuilder(random.nextInt(3) > 0 ? " " : "");
    for (int syllables = 1 + random.nextInt(3); syllables > 0; syllables--) {
      word.append(ONSETS[random.nextInt(ONSETS.length)])
          .append(NUCLEI[random.nextInt(NUCLEI.length)])
          .append(CODAS[random.nextInt(CODAS.length)]);
    }
    if (random.nextInt(4) == 0) {
      int first = word.charAt(0) == ' ' ? 1 : 0;
      word.setCharAt(first, Character.toUpperCase(word.charAt(first)));
    }
    return word.toString();
  }

  @Override
  public int[] encode(String text, int bos, int eos) {
    throw new UnsupportedOperationException("A grammar only decodes");
  }

  @Override
  public int[] encodeOrdinary(String text) {
    throw new UnsupportedOperationException("A grammar only decodes");
  }

  @Override
  public int[] encodePrompt(String text, BitSet content) {
    throw new UnsupportedOperationException("A grammar only decodes");
  }

  @Override
  public byte[] decode(int previous, int token) {
    return pieces.get(token);
  }

  @Override
  public String idToPiece(int id) {
    return new String(pieces.get(id), StandardCharsets.UTF_8);
  }

  @Override
  public int pieceToId(String piece) {
    throw new UnsupportedOperationException("A grammar only decodes");
  }

  @Override
  public boolean isSpecial(int id) {
    return id == eosId();
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
    return pieces.size() - 1;
  }

  @Override
  public void close() {}
}
