package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.Set;

/** Chooses token after token, each from the logits of the one before. */
final class TextTokenGenerator {
  private final Tokenizer tokenizer;
  private final TextDecoderRunner decoder;
  private final TokenChooser chooser;
  private final Compatibility compatibility;

  TextTokenGenerator(
      Tokenizer tokenizer,
      TextDecoderRunner decoder,
      TokenChooser chooser,
      Compatibility compatibility) {
    this.tokenizer = tokenizer;
    this.decoder = decoder;
    this.chooser = chooser;
    this.compatibility = compatibility;
  }

  /**
   * Generates from the logits that the decoder holds. The last token is chosen but not fed, so the
   * next prompt of a conversation does not see it.
   *
   * @param previous the token before the first generated one
   * @param eosIds tokens that end the generation; their text is not handed out
   * @param output receives each token, the end-of-sequence token too, and each piece of text
   */
  FinishReason generate(
      int previous,
      int maxNewTokens,
      Set<Integer> eosIds,
      Cancellation cancellation,
      GenerationOutput output) {
    while (!cancellation.isCancelled()) {
      int token = choose(output);
      boolean ends = eosIds.contains(token) && !(isFirst(output) && firstNeverEnds());
      if (ends && !compatibility.has(Quirk.EOS_IS_TEXT)) {
        return FinishReason.STOP;
      }
      boolean stopped = output.addPiece(tokenizer.decode(previous, token));
      if (ends || stopped || chooser.isComplete()) {
        return FinishReason.STOP;
      }
      if (output.size() >= maxNewTokens) {
        return FinishReason.LENGTH;
      }
      decoder.step(token);
      previous = token;
    }
    return FinishReason.CANCELLED;
  }

  private int choose(GenerationOutput output) {
    StatsRecorder recorder = output.recorder();
    recorder.samplingStarted();
    int token =
        output.size() == 0 && compatibility.has(Quirk.FIRST_TOKEN_IS_GREEDY)
            ? chooser.chooseLikeliest(decoder.logits())
            : chooser.choose(decoder.logits());
    recorder.tokenSampled();
    output.addToken(token, chooser.logprob());
    return token;
  }

  private static boolean isFirst(GenerationOutput output) {
    return output.size() == 1;
  }

  private boolean firstNeverEnds() {
    return compatibility.has(Quirk.FIRST_TOKEN_NEVER_ENDS);
  }
}
