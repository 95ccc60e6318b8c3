package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Executes the decoder and keeps its position: each step feeds the next tokens of one sequence.
 *
 * <p>A program without a KV cache is fed the whole sequence every time, so that callers see no
 * difference. Confined to one thread; does not own the module.
 */
final class TextDecoderRunner {
  private final ExecuTorchModule module;
  private final DecoderSignature signature;
  private final LogitsRow logits;

  /** The tokens of a step, or of the whole sequence where the program remembers nothing. */
  private final ByteBuffer tokens;

  private final LongBuffer tokenIds;
  private final Tensor position = Tensor.zeros(ScalarType.LONG, 1);
  private final LongBuffer firstPosition = position.longs();
  private final EValue positionInput = EValue.of(position);
  private final EValue oneToken;
  private int next;
  private StatsRecorder recorder = new StatsRecorder();

  /**
   * @param contextLength most tokens of a sequence
   */
  TextDecoderRunner(ExecuTorchModule module, DecoderSignature signature, int contextLength) {
    this.module = module;
    this.signature = signature;
    this.logits = new LogitsRow(signature.logitsWidth());
    this.tokens =
        ByteBuffer.allocateDirect(Math.min(signature.maxTokens(), contextLength) * Long.BYTES)
            .order(ByteOrder.nativeOrder());
    this.tokenIds = tokens.asLongBuffer();
    this.oneToken = EValue.of(tokenTensor(1));
  }

  /** Which statistics the next executions count into. */
  void recordInto(StatsRecorder recorder) {
    this.recorder = recorder;
  }

  /**
   * Feeds one token.
   *
   * @return its logits {@code [V]}, valid until the next step
   */
  float[] step(int token) {
    if (!signature.kvCache()) {
      return step(new int[] {token}, 0, 1);
    }
    tokenIds.put(0, token);
    firstPosition.put(0, next);
    return execute(1, oneToken, positionInput);
  }

  /**
   * Feeds {@code tokens[from .. to)}, at most {@link DecoderSignature#maxTokens()} of them.
   *
   * @return the last one's logits {@code [V]}, valid until the next step
   */
  float[] step(int[] tokens, int from, int to) {
    int count = to - from;
    int offset = signature.kvCache() ? 0 : next;
    for (int i = 0; i < count; i++) {
      tokenIds.put(offset + i, tokens[from + i]);
    }
    EValue input = EValue.of(tokenTensor(offset + count));
    return signature.kvCache() ? execute(count, input, positions(count)) : execute(count, input);
  }

  /** Tokens fed since the last reset. */
  int position() {
    return next;
  }

  /** The logits of the latest step. */
  float[] logits() {
    return logits.values();
  }

  /**
   * Starts a new sequence. Attention never looks beyond the position, so what the KV cache holds
   * from earlier sequences is not seen; a program with recurrent state besides must be reopened.
   */
  void reset() {
    next = 0;
  }

  private float[] execute(int count, EValue... inputs) {
    recorder.executionStarted();
    logits.take(module.execute(signature.method(), inputs));
    recorder.executionEnded();
    next += count;
    return logits.values();
  }

  private Tensor tokenTensor(int count) {
    ByteBuffer used = tokens.duplicate().order(ByteOrder.nativeOrder());
    return Tensor.wrap(ScalarType.LONG, used.limit(count * Long.BYTES), 1, count);
  }

  private EValue positions(int count) {
    if (!signature.positionPerToken()) {
      firstPosition.put(0, next);
      return positionInput;
    }
    Tensor each = Tensor.zeros(ScalarType.LONG, count);
    LongBuffer values = each.longs();
    for (int i = 0; i < count; i++) {
      values.put(i, next + i);
    }
    return EValue.of(each);
  }
}
