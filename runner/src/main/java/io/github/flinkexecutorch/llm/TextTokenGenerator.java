package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.Set;

/** Samples token after token, each from the logits of the one before. */
final class TextTokenGenerator {
  private final Tokenizer tokenizer;
  private final TextDecoderRunner decoder;
  private final Sampler sampler;

  TextTokenGenerator(Tokenizer tokenizer, TextDecoderRunner decoder, Sampler sampler) {
    this.tokenizer = tokenizer;
    this.decoder = decoder;
    this.sampler = sampler;
  }

  /**
   * Generates from the logits that the decoder holds. The last token is sampled but not fed, so the
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
    StatsRecorder recorder = output.recorder();
    while (!cancellation.isCancelled()) {
      recorder.samplingStarted();
      int token = sampler.sample(decoder.logits());
      recorder.tokenSampled();
      output.addToken(token);
      if (eosIds.contains(token)) {
        return FinishReason.STOP;
      }
      output.addPiece(tokenizer.decode(previous, token));
      if (output.size() >= maxNewTokens) {
        return FinishReason.LENGTH;
      }
      decoder.step(token);
      previous = token;
    }
    return FinishReason.CANCELLED;
  }
}
