package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Leaves characters out of a prompt that is too long, one run of them in all its texts taken
 * together, and as many characters as it takes for the tokens of the rest to fit. The rest is
 * encoded anew, as the text that it is, so no character is torn.
 *
 * <p>What belongs to the form of the prompt stays, and so do images, token ids and special tokens
 * that are spelled. The work grows with what is left, not with what was too long.
 */
final class PromptCut {
  private final List<MultimodalInput> inputs;
  private final PromptEncoder encoder;
  private final ContextOverflow where;

  /** Of each input: where the characters begin that may go, none for what is no text. */
  private final List<int[]> characters = new ArrayList<>();

  /** Of each input: tokens of a text, else 0. */
  private final int[] tokens;

  private int total;

  private PromptCut(List<MultimodalInput> inputs, PromptEncoder encoder, ContextOverflow where) {
    this.inputs = inputs;
    this.encoder = encoder;
    this.where = where;
    this.tokens = new int[inputs.size()];
    for (int i = 0; i < inputs.size(); i++) {
      int[] own = {};
      if (inputs.get(i).isText()) {
        int[] encoded = encoder.encode(inputs.get(i), 0, 0);
        tokens[i] = encoded.length;
        own = characters(inputs.get(i).promptText(), encoded);
      }
      characters.add(own);
      total += own.length;
    }
  }

  /**
   * The prompt as it shall be, by its configuration, where a context may be too short for it.
   *
   * @param length tokens and other positions that the prompt takes
   * @param position how much the context holds already
   * @return {@code inputs} themselves if they fit, shall not be cut, or cannot be cut to fit with a
   *     character left of what the request brought
   */
  static List<MultimodalInput> fit(
      List<MultimodalInput> inputs,
      int length,
      int position,
      ModelProfile model,
      GenerationConfig config) {
    int tooMany = length - model.context().roomForPrompt(position, config);
    if (tooMany <= 0 || config.contextOverflow() == ContextOverflow.FAIL) {
      return inputs;
    }
    PromptCut cut = new PromptCut(inputs, model.encoder(), config.contextOverflow());
    int kept = cut.mostThatFit(Arrays.stream(cut.tokens).sum() - tooMany);
    return kept == 0 ? inputs : cut.keeping(kept);
  }

  private int mostThatFit(int budget) {
    int fits = 0;
    int tooMany = total;
    for (int next = Math.max(1, budget); next < tooMany; next *= 2) {
      if (tokens(keeping(next)) <= budget) {
        fits = next;
      } else {
        tooMany = next;
      }
    }
    while (tooMany - fits > 1) {
      int middle = (fits + tooMany) >>> 1;
      if (tokens(keeping(middle)) <= budget) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return fits;
  }

  private int tokens(List<MultimodalInput> shortened) {
    int sum = 0;
    for (int i = 0; i < tokens.length; i++) {
      MultimodalInput input = shortened.get(i);
      sum += input == inputs.get(i) ? tokens[i] : encoder.encode(input, 0, 0).length;
    }
    return sum;
  }

  private List<MultimodalInput> keeping(int kept) {
    int from =
        switch (where) {
          case TRUNCATE_HEAD -> 0;
          case TRUNCATE_MIDDLE -> (kept + 1) / 2;
          case TRUNCATE_TAIL -> kept;
          case FAIL -> throw new IllegalStateException("Nothing is cut where prompts shall fail");
        };
    List<MultimodalInput> shortened = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      int[] own = characters.get(i);
      shortened.add(without(inputs.get(i), own, from, from + total - kept));
      from -= own.length;
    }
    return shortened;
  }

  private MultimodalInput without(MultimodalInput input, int[] own, int from, int to) {
    // "from" and "to" count from this input's first character on, and may lie outside of it.
    int first = Math.max(0, from);
    int end = Math.min(own.length, to);
    return first >= end ? input : without(input.promptText(), own, first, end);
  }

  private static MultimodalInput without(PromptText text, int[] own, int first, int end) {
    BitSet gone = new BitSet();
    for (int i = first; i < end; i++) {
      gone.set(own[i], own[i] + Character.charCount(text.text().codePointAt(own[i])));
    }
    return MultimodalInput.makeTextInput(text.without(gone));
  }

  private int[] characters(PromptText text, int[] encoded) {
    // Where the request can spell none, those there are belong to the form.
    BitSet kept = text.ordinary() == null ? specialTokens(text.text(), encoded) : new BitSet();
    int[] starts = new int[text.text().length()];
    int count = 0;
    for (int i = 0; i < text.text().length(); ) {
      if (!text.isForm(i) && !kept.get(i)) {
        starts[count++] = i;
      }
      i += Character.charCount(text.text().codePointAt(i));
    }
    return Arrays.copyOf(starts, count);
  }

  /** The characters that spell one of the special tokens which the text has become. */
  private BitSet specialTokens(String text, int[] encoded) {
    Tokenizer tokenizer = encoder.tokenizer();
    Set<String> pieces = new HashSet<>();
    for (int token : encoded) {
      if (tokenizer.isSpecial(token)) {
        pieces.add(tokenizer.idToPiece(token));
      }
    }
    BitSet spelled = new BitSet();
    for (String piece : pieces) {
      for (int at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + piece.length())) {
        spelled.set(at, at + piece.length());
      }
    }
    return spelled;
  }
}
