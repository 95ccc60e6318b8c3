package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The rows that a multimodal decoder is fed: those of tokens and those of images, in order. */
final class StepEmbeddings {
  private final int rowBytes;
  private final ByteBuffer rows;

  StepEmbeddings(int maxTokens, int hidden) {
    this.rowBytes = hidden * Float.BYTES;
    this.rows = ByteBuffer.allocateDirect(maxTokens * rowBytes).order(ByteOrder.nativeOrder());
  }

  /**
   * Puts a step's rows together.
   *
   * @param text one row for each position of the step that holds a token
   * @return {@code f32[T, hidden]}, valid until the next call
   */
  EValue fill(Step step, ByteBuffer text) {
    ByteBuffer source = text.duplicate();
    rows.clear();
    for (Step.Run run : step.runs()) {
      int position = run.session().computed();
      int end = position + run.tokens();
      for (MediaSpan span : spans(run.session(), position, end)) {
        copy(source, Math.max(0, span.start() - position));
        int from = Math.max(position, span.start());
        int to = Math.min(end, span.end());
        ByteBuffer image = span.embeddings().duplicate();
        image.position((from - span.start()) * rowBytes);
        copy(image, to - from);
        position = to;
      }
      copy(source, end - position);
    }
    int count = rows.position() / rowBytes;
    ByteBuffer used = rows.duplicate().order(ByteOrder.nativeOrder()).flip();
    return EValue.of(Tensor.wrap(ScalarType.FLOAT, used, count, rowBytes / (long) Float.BYTES));
  }

  private static List<MediaSpan> spans(LLMSession session, int from, int to) {
    return session.media().stream().filter(span -> span.start() < to && span.end() > from).toList();
  }

  private void copy(ByteBuffer source, int count) {
    int end = source.position() + count * rowBytes;
    rows.put(source.duplicate().limit(end));
    source.position(end);
  }
}
