package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.util.BitSet;
import java.util.regex.Pattern;

/** What tokenizers of every format have in common. */
abstract class VocabularyTokenizer implements Tokenizer {
  /** A context of half a million tokens; bounds what one text costs in time and memory. */
  static final int LONGEST_TEXT = 1 << 21;

  /** Half a character, which has no UTF-8 form. */
  private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

  private final Vocabulary vocabulary;

  VocabularyTokenizer(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Tokens of a well-formed text alone, special ones among them where it spells them. */
  abstract int[] tokens(String text);

  /** Tokens of a well-formed text alone, none of them special. */
  abstract int[] ordinaryTokens(String text);

  /** Tokens of a well-formed text, none of them special that has a character in {@code content}. */
  abstract int[] promptTokens(String text, BitSet content);

  @Override
  public int[] encode(String text, int bos, int eos) {
    vocabulary.requireSpecial(bos, eos);
    return vocabulary.framed(tokens(wellFormed(text)), bos, eos);
  }

  @Override
  public final int[] encodeOrdinary(String text) {
    return ordinaryTokens(wellFormed(text));
  }

  @Override
  public final int[] encodePrompt(String text, BitSet content) {
    return promptTokens(wellFormed(text), content);
  }

  @Override
  public byte[] decode(int previous, int token) {
    return vocabulary.bytes(token);
  }

  @Override
  public final String idToPiece(int id) {
    return vocabulary.piece(id);
  }

  @Override
  public final int pieceToId(String piece) {
    return vocabulary.id(piece);
  }

  @Override
  public final int vocabSize() {
    return vocabulary.size();
  }

  @Override
  public final int bosId() {
    return vocabulary.special().bosId();
  }

  @Override
  public final int eosId() {
    return vocabulary.special().eosId();
  }

  @Override
  public void close() {}

  final Vocabulary vocabulary() {
    return vocabulary;
  }

  static String wellFormed(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "A text of "
              + text.length()
              + " characters cannot be tokenized: "
              + LONGEST_TEXT
              + " is the limit. Shorten it");
    }
    return LONE_SURROGATE.matcher(text).replaceAll("\uFFFD");
  }
}
