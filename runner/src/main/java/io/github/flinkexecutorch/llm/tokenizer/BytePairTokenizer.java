package io.github.flinkexecutorch.llm.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Byte-pair encoding by ranks, as tiktoken defines it: of all neighbors that together are a token,
 * those with the lowest rank are merged first, the leftmost of these before the others.
 *
 * <p>jtokkit merges. The splitting before it is ours, because jtokkit leaves it to Java's regular
 * expressions, which know fewer characters than tiktoken's and may take for ever.
 */
final class BytePairTokenizer extends VocabularyTokenizer {
  /** No piece is cut again. */
  private static final Pattern WHOLE = Pattern.compile("[\\s\\S]+");

  private final SplitPattern pattern;
  private final Encoding ranks;
  private final int firstId;
  private final SpecialTokenFinder special;

  private BytePairTokenizer(
      Vocabulary vocabulary,
      SplitPattern pattern,
      Encoding ranks,
      int firstId,
      SpecialTokenFinder special) {
    super(vocabulary);
    this.pattern = pattern;
    this.ranks = ranks;
    this.firstId = firstId;
    this.special = special;
  }

  /**
   * @param tokens bytes by rank
   * @param firstId the id of rank 0
   * @param special ids by spelling, none of them the id of a rank
   * @throws InvalidModelException if a token is there twice or a byte has no token
   */
  @SuppressWarnings("ArrayAsKeyOfSetOrMap") // jtokkit wants that, and only walks through the map
  static BytePairTokenizer of(
      String pattern,
      List<byte[]> tokens,
      int firstId,
      Map<String, Integer> special,
      SpecialTokens named) {
    SplitPattern split = SplitPattern.compile(pattern);
    int highest =
        Math.max(
            firstId + tokens.size() - 1,
            special.values().stream().mapToInt(Integer::intValue).max().orElse(0));
    String[] pieces = new String[highest + 1];
    byte[][] bytes = new byte[highest + 1][];
    Map<byte[], Integer> ranks = new HashMap<>();
    Set<ByteBuffer> different = new HashSet<>();
    for (int rank = 0; rank < tokens.size(); rank++) {
      byte[] token = tokens.get(rank);
      if (token.length == 0 || !different.add(ByteBuffer.wrap(token))) {
        throw new InvalidModelException(
            "the token of rank " + rank + (token.length == 0 ? " is empty" : " is there twice"));
      }
      ranks.put(token, rank);
      pieces[firstId + rank] = spelled(token);
      bytes[firstId + rank] = token;
    }
    for (int value = 0; value < 256; value++) {
      if (!different.contains(ByteBuffer.wrap(new byte[] {(byte) value}))) {
        throw new InvalidModelException("it has no token for the byte " + value);
      }
    }
    special.forEach(
        (token, id) -> {
          pieces[id] = token;
          bytes[id] = token.getBytes(StandardCharsets.UTF_8);
        });
    return new BytePairTokenizer(
        new Vocabulary(pieces, bytes, named),
        split,
        encoding(ranks),
        firstId,
        new SpecialTokenFinder(special));
  }

  @Override
  int[] tokens(String text) {
    return promptTokens(text, new BitSet());
  }

  @Override
  int[] promptTokens(String text, BitSet content) {
    IntStream.Builder tokens = IntStream.builder();
    int start = 0;
    for (var found : special.all(text, content)) {
      addOrdinary(text.substring(start, found.start()), tokens);
      tokens.add(found.id());
      start = found.end();
    }
    addOrdinary(text.substring(start), tokens);
    return tokens.build().toArray();
  }

  @Override
  public boolean isSpecial(int id) {
    return special.has(id);
  }

  @Override
  int[] ordinaryTokens(String text) {
    IntStream.Builder tokens = IntStream.builder();
    addOrdinary(text, tokens);
    return tokens.build().toArray();
  }

  private void addOrdinary(String text, IntStream.Builder tokens) {
    pattern.split(
        text,
        piece -> {
          for (int rank : ranks.encodeOrdinary(piece).toArray()) {
            tokens.add(firstId + rank);
          }
        });
  }

  private static Encoding encoding(Map<byte[], Integer> ranks) {
    EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
    String name = "ranks";
    registry.registerGptBytePairEncoding(
        new GptBytePairEncodingParams(name, WHOLE, ranks, Map.of()));
    return registry.getEncoding(name).orElseThrow();
  }

  /** The text that it is, or {@code <0xE2><0x82>} where it is a part of a character. */
  private static String spelled(byte[] token) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(token)).toString();
    } catch (CharacterCodingException e) {
      StringBuilder spelled = new StringBuilder();
      for (byte value : token) {
        spelled.append("<0x%02X>".formatted(value));
      }
      return spelled.toString();
    }
  }
}
