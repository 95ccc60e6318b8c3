package io.github.flinkexecutorch.llm.tokenizer;

import java.util.BitSet;

/**
 * Turns text into token ids and back. Made by {@link Tokenizers}. Safe for use by several threads
 * until it is closed.
 */
public interface Tokenizer extends AutoCloseable {
  /** What {@link #bosId()} and {@link #eosId()} say where the tokenizer's files name no token. */
  int UNKNOWN = -1;

  /**
   * Token ids of {@code text}, the same as those of the tokenizer's reference library. Text that
   * spells a special token becomes that token, as it does there; for text from strangers see {@link
   * #encodeOrdinary}. Half a character becomes U+FFFD.
   *
   * @param bos beginning-of-sequence tokens in front; with 1 or more, whatever else the tokenizer
   *     itself puts in front of a text comes too
   * @param eos end-of-sequence tokens behind; with 1 or more, whatever else the tokenizer itself
   *     puts behind a text comes too
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if such tokens are asked for and
   *     the tokenizer's files do not name them, more than 127 of them, or if the text is longer
   *     than 2,097,152 characters
   */
  int[] encode(String text, int bos, int eos);

  /**
   * Token ids of text that has no say in the structure of a prompt: whatever it spells, no special
   * token comes of it. Without beginning- and end-of-sequence tokens.
   *
   * <p>The ids are the reference library's own with its search for special tokens switched off. A
   * character that the vocabulary lacks may still become the unknown token.
   *
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if the text is longer than
   *     2,097,152 characters
   */
  int[] encodeOrdinary(String text);

  /**
   * Token ids of a prompt that is partly from strangers: a special token comes only of spellings
   * that lie wholly outside of their characters; all the rest is ordinary text, encoded as the one
   * text that it is. Where they spell no special token, the ids are those of {@link #encode}
   * without beginning- and end-of-sequence tokens, but that the control symbols of SentencePiece,
   * which it finds in no text, are found here.
   *
   * @param content the characters of {@code text} that have no say in its structure, by index
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if the text is longer than
   *     2,097,152 characters
   */
  int[] encodePrompt(String text, BitSet content);

  /**
   * The bytes of one token in a text, often a part of a character only. Those of the ids of a text,
   * one after the other, are what the reference library decodes from all of them.
   *
   * @param previous the token before it, or {@link #UNKNOWN} at the beginning of a text
   * @return UTF-8, shared with other callers: not to be changed
   * @throws IllegalArgumentException if there is no such token
   */
  byte[] decode(int previous, int token);

  /**
   * The vocabulary's own spelling of a token.
   *
   * @throws IllegalArgumentException if there is no such token
   */
  String idToPiece(int id);

  /** The token with this spelling, {@link #UNKNOWN} if there is none. */
  int pieceToId(String piece);

  /**
   * Whether a token is no text: markup of a prompt, such as the end of a message, which no text
   * from strangers becomes, or the unknown token. False for ids without a token.
   */
  boolean isSpecial(int id);

  /** One more than the highest id. */
  int vocabSize();

  /** The beginning-of-sequence token, {@link #UNKNOWN} if the tokenizer's files name none. */
  int bosId();

  /** The end-of-sequence token, {@link #UNKNOWN} if the tokenizer's files name none. */
  int eosId();

  /** Frees native memory. No thread may be inside a call. */
  @Override
  void close();
}
