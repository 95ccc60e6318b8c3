package io.github.flinkexecutorch.llm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Gathers what one generation produces, and streams its text on; confined to one thread. */
final class GenerationOutput {
  private final Consumer<String> onText;
  private final boolean wantsLogprobs;
  private final StopStrings stops;
  private final StatsRecorder recorder = new StatsRecorder();
  private final Utf8Stream utf8 = new Utf8Stream();
  private final StringBuilder text = new StringBuilder();
  private final List<Integer> tokens = new ArrayList<>();
  private final List<Float> logprobs = new ArrayList<>();

  GenerationOutput(GenerationConfig config, Consumer<String> onText) {
    this.onText = onText;
    this.wantsLogprobs = config.logprobs();
    this.stops = new StopStrings(config.stop());
  }

  StatsRecorder recorder() {
    return recorder;
  }

  void addToken(int token, float logprob) {
    tokens.add(token);
    if (wantsLogprobs) {
      logprobs.add(logprob);
    }
  }

  /** Tokens so far. */
  int size() {
    return tokens.size();
  }

  /**
   * The bytes of a token; they are streamed on as soon as they make whole characters that cannot
   * belong to a stop text.
   *
   * @return whether a stop text was found
   */
  boolean addPiece(byte[] piece) {
    stream(stops.append(utf8.append(piece)));
    return stops.found();
  }

  GenerationResult finish(FinishReason reason, LoadTimes loadTimes) {
    String cut = utf8.finish();
    stream(stops.append(cut));
    stream(stops.finish());
    boolean incomplete = !cut.isEmpty() && !stops.found();
    return new GenerationResult(
        text.toString(), tokens, logprobs, reason, incomplete, recorder.toStats(loadTimes));
  }

  private void stream(String piece) {
    if (!piece.isEmpty()) {
      text.append(piece);
      onText.accept(piece);
    }
  }
}
