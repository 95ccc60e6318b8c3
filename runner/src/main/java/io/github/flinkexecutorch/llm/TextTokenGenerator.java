package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.Set;

/** Chooses token after token of one completion, each from the logits of the one before. */
final class TextTokenGenerator {
  private final Tokenizer tokenizer;
  private final TokenChooser chooser;
  private final Set<Integer> eosIds;
  private final int maxNewTokens;
  private final GenerationOutput output;
  private final Compatibility compatibility;
  private int latest;

  /**
   * @param eosIds tokens that end the generation; their text is not handed out
   * @param maxNewTokens most tokens to choose
   * @param output receives each token, the end-of-sequence token too, and each piece of text
   * @param previous the token before the first generated one
   */
  TextTokenGenerator(
      Tokenizer tokenizer,
      TokenChooser chooser,
      Set<Integer> eosIds,
      int maxNewTokens,
      GenerationOutput output,
      Compatibility compatibility,
      int previous) {
    this.tokenizer = tokenizer;
    this.chooser = chooser;
    this.eosIds = eosIds;
    this.maxNewTokens = maxNewTokens;
    this.output = output;
    this.compatibility = compatibility;
    this.latest = previous;
  }

  /**
   * Generates from the logits that the decoder holds. The last token is chosen but not fed, so the
   * next prompt of a conversation does not see it.
   */
  FinishReason generate(TextDecoderRunner decoder, Cancellation cancellation) {
    while (!cancellation.isCancelled()) {
      FinishReason reason = next(decoder.logits());
      if (reason != null) {
        return reason;
      }
      decoder.step(latest);
    }
    return FinishReason.CANCELLED;
  }

  /**
   * Chooses the next token.
   *
   * @param logits one row; changed
   * @return why the generation is over, {@code null} if {@link #latest()} is to be fed
   */
  FinishReason next(float[] logits) {
    int previous = latest;
    latest = choose(logits);
    boolean ends = eosIds.contains(latest) && !(isFirst() && firstNeverEnds());
    if (ends && !compatibility.has(Quirk.EOS_IS_TEXT)) {
      return FinishReason.STOP;
    }
    boolean stopped = output.addPiece(tokenizer.decode(previous, latest));
    if (ends || stopped || chooser.isComplete()) {
      return FinishReason.STOP;
    }
    return output.size() >= maxNewTokens ? FinishReason.LENGTH : null;
  }

  /** The token chosen last. */
  int latest() {
    return latest;
  }

  private int choose(float[] logits) {
    StatsRecorder recorder = output.recorder();
    recorder.samplingStarted();
    int token =
        output.size() == 0 && compatibility.has(Quirk.FIRST_TOKEN_IS_GREEDY)
            ? chooser.chooseLikeliest(logits)
            : chooser.choose(logits);
    recorder.tokenSampled();
    output.addToken(token, chooser.logprob());
    return token;
  }

  private boolean isFirst() {
    return output.size() == 1;
  }

  private boolean firstNeverEnds() {
    return compatibility.has(Quirk.FIRST_TOKEN_NEVER_ENDS);
  }
}
