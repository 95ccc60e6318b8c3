package io.github.flinkexecutorch.llm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Gathers what one generation produces, and streams its text on; confined to one thread. */
final class GenerationOutput {
  private final Consumer<String> onText;
  private final StatsRecorder recorder = new StatsRecorder();
  private final Utf8Stream utf8 = new Utf8Stream();
  private final StringBuilder text = new StringBuilder();
  private final List<Integer> tokens = new ArrayList<>();

  GenerationOutput(Consumer<String> onText) {
    this.onText = onText;
  }

  StatsRecorder recorder() {
    return recorder;
  }

  void addToken(int token) {
    tokens.add(token);
  }

  /** Tokens so far. */
  int size() {
    return tokens.size();
  }

  /** The bytes of a token; they are streamed on as soon as they make whole characters. */
  void addPiece(byte[] piece) {
    stream(utf8.append(piece));
  }

  GenerationResult finish(FinishReason reason, TextModel model) {
    stream(utf8.finish());
    Stats stats = recorder.toStats(model.loadStartMs(), model.loadEndMs());
    return new GenerationResult(text.toString(), tokens, reason, stats);
  }

  private void stream(String piece) {
    if (!piece.isEmpty()) {
      text.append(piece);
      onText.accept(piece);
    }
  }
}
