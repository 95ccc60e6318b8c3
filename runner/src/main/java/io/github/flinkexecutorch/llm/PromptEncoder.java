package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * Turns texts into tokens, with the beginning- and end-of-sequence tokens that a request asks for.
 *
 * @param modelBosId the model's own beginning-of-sequence token, for tokenizers that name none;
 *     {@link Tokenizer#UNKNOWN} if it has none either
 */
record PromptEncoder(Tokenizer tokenizer, int modelBosId, Compatibility compatibility) {
  /**
   * Encodes an input that is text. What a chat template wrote has special tokens of its own and
   * gets no others.
   */
  int[] encode(MultimodalInput input, int bos, int eos) {
    PromptText text = input.promptText();
    if (text.ordinary() == null) {
      return encode(text.text(), bos, eos);
    }
    int[] tokens = tokenizer.encodePrompt(text.text(), text.ordinary());
    return text.isChat() || (bos == 0 && eos == 0) ? tokens : framed(tokens, bos, eos);
  }

  /** Puts around tokens what stands around those of a text, such as that of one letter. */
  private int[] framed(int[] tokens, int bos, int eos) {
    int[] front = encode("a", bos, 0);
    int[] back = encode("a", 0, eos);
    int letter = encode("a", 0, 0).length;
    int before = front.length - letter;
    int[] framed = Arrays.copyOf(front, before + tokens.length + back.length - letter);
    System.arraycopy(tokens, 0, framed, before, tokens.length);
    System.arraycopy(back, letter, framed, before + tokens.length, back.length - letter);
    return framed;
  }

  int[] encode(String text, int bos, int eos) {
    if (compatibility.has(Quirk.BOS_COUNT_IS_A_FLAG)) {
      return tokenizer.encode(text, Math.min(1, bos), Math.min(1, eos));
    }
    if (!modelKnowsBetter()) {
      return tokenizer.encode(text, bos, eos);
    }
    int[] tokens = tokenizer.encode(text, 0, eos);
    int[] all = Arrays.copyOf(bos(bos), bos + tokens.length);
    System.arraycopy(tokens, 0, all, bos, tokens.length);
    return all;
  }

  /** So many beginning-of-sequence tokens, for a prompt that does not begin with text. */
  int[] bos(int count) {
    if (!modelKnowsBetter()) {
      return tokenizer.encode("", count, 0);
    }
    int[] tokens = new int[count];
    Arrays.fill(tokens, modelBosId);
    return tokens;
  }

  private boolean modelKnowsBetter() {
    return tokenizer.bosId() == Tokenizer.UNKNOWN
        && modelBosId != Tokenizer.UNKNOWN
        && !compatibility.has(Quirk.BOS_FROM_TOKENIZER_ONLY);
  }
}
