package io.github.flinkexecutorch.llm;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Objects;

/**
 * A text of a prompt, and where its characters come from: those that the request brought, and those
 * of the prompt's form, such as what a template writes. Where a prompt is too long only the former
 * are left out. Immutable.
 */
public final class PromptText {
  private final String text;
  private final BitSet form;
  private final BitSet ordinary; // null: whatever spells a special token is one
  private final boolean chat;

  private PromptText(String text, BitSet form, BitSet ordinary, boolean chat) {
    this.text = Objects.requireNonNull(text, "text");
    this.form = form;
    this.ordinary = ordinary;
    this.chat = chat;
  }

  /** A text that the request brought as a whole. Spellings of special tokens are such tokens. */
  static PromptText plain(String text) {
    return new PromptText(text, new BitSet(), null, false);
  }

  /**
   * A text of which the request brought parts. What has a character in them spells no special
   * token; spellings in the rest are such tokens.
   *
   * @param brought those parts, by the indices of their characters
   */
  public static PromptText filled(String text, BitSet brought) {
    BitSet form = new BitSet();
    form.set(0, text.length());
    form.andNot(brought);
    return new PromptText(text, form, (BitSet) brought.clone(), false);
  }

  /** The same text, in which all spellings of special tokens are such tokens. */
  public PromptText withSpecialTokens() {
    return new PromptText(text, form, null, false);
  }

  /**
   * A run of what a chat template wrote; it has its own special tokens at the beginning and the
   * end.
   *
   * @param content characters that spell no special token
   * @param form characters that are not left out
   */
  static PromptText chat(String text, BitSet content, BitSet form) {
    return new PromptText(text, (BitSet) form.clone(), (BitSet) content.clone(), true);
  }

  String text() {
    return text;
  }

  boolean isChat() {
    return chat;
  }

  /** Characters that spell no special token; null if all spellings are such tokens. */
  BitSet ordinary() {
    return ordinary;
  }

  boolean isForm(int character) {
    return form.get(character);
  }

  /** Where the characters come from and what they may spell. */
  byte[] marks() {
    byte[] formBits = form.toByteArray();
    byte[] ordinaryBits = ordinary == null ? new byte[0] : ordinary.toByteArray();
    return ByteBuffer.allocate(1 + Integer.BYTES + formBits.length + ordinaryBits.length)
        .put((byte) (chat ? 2 : ordinary == null ? 0 : 1))
        .putInt(formBits.length)
        .put(formBits)
        .put(ordinaryBits)
        .array();
  }

  PromptText part(int start, int end) {
    return new PromptText(
        text.substring(start, end),
        form.get(start, end),
        ordinary == null ? null : ordinary.get(start, end),
        chat);
  }

  /** The rest of the text, without these characters. */
  PromptText without(BitSet characters) {
    StringBuilder rest = new StringBuilder();
    BitSet restForm = new BitSet();
    BitSet restOrdinary = ordinary == null ? null : new BitSet();
    for (int i = 0; i < text.length(); i++) {
      if (characters.get(i)) {
        continue;
      }
      restForm.set(rest.length(), form.get(i));
      if (ordinary != null) {
        restOrdinary.set(rest.length(), ordinary.get(i));
      }
      rest.append(text.charAt(i));
    }
    return new PromptText(rest.toString(), restForm, restOrdinary, chat);
  }
}
