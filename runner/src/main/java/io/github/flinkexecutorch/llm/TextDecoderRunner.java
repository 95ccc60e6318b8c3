package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.BitSet;

/**
 * Executes the decoder and keeps its position: each step feeds the next tokens of one sequence.
 *
 * <p>A program without a KV cache is fed the whole sequence every time, so that callers see no
 * difference. Confined to one thread; does not own the module.
 */
class TextDecoderRunner {
  private final ExecuTorchModule module;
  private final DecoderSignature prefill;
  private final DecoderSignature decode;
  private final LogitsRow logits;

  /** The tokens of a step, or of the whole sequence where the program remembers nothing. */
  private final ByteBuffer tokens;

  private final LongBuffer tokenIds;
  private final PositionInput prefillPositions;
  private final PositionInput decodePositions;
  private final Tensor oneToken;
  private final BitSet fed = new BitSet();
  private int next;
  private StatsRecorder recorder = new StatsRecorder();

  /**
   * @param prefill the method that is fed prompts
   * @param decode the method that is fed one token after another, often the same; it sees what the
   *     other one remembers
   * @param contextLength most tokens of a sequence
   */
  TextDecoderRunner(
      ExecuTorchModule module,
      DecoderSignature prefill,
      DecoderSignature decode,
      int contextLength) {
    this.module = module;
    this.prefill = prefill;
    this.decode = decode;
    this.logits = new LogitsRow(prefill.logitsWidth());
    this.tokens =
        ByteBuffer.allocateDirect(Math.min(prefill.maxTokens(), contextLength) * Long.BYTES)
            .order(ByteOrder.nativeOrder());
    this.tokenIds = tokens.asLongBuffer();
    this.prefillPositions = new PositionInput(prefill.positionPerToken());
    this.decodePositions = new PositionInput(decode.positionPerToken());
    this.oneToken = tokenTensor(1);
  }

  /** Which statistics the next executions count into. */
  final void recordInto(StatsRecorder recorder) {
    this.recorder = recorder;
  }

  /**
   * Feeds one token.
   *
   * @return its logits {@code [V]}, valid until the next step
   */
  final float[] step(int token) {
    if (!decode.kvCache()) {
      return step(new int[] {token}, 0, 1);
    }
    tokenIds.put(0, token);
    fed.set(token);
    return execute(decode, 1, inputs(input(oneToken), decodePositions.of(next, 1)));
  }

  /**
   * Feeds {@code tokens[from .. to)}, at most {@link DecoderSignature#maxTokens()} of them.
   *
   * @return the last one's logits {@code [V]}, valid until the next step
   */
  final float[] step(int[] tokens, int from, int to) {
    int count = to - from;
    requireRoom(prefill.kvCache() ? count : next + count);
    if (prefill.kvCache()) {
      put(tokens, from, 0, count);
      EValue position = prefillPositions.of(next, count);
      return execute(prefill, count, inputs(input(tokenTensor(count)), position));
    }
    put(tokens, from, next, count);
    return execute(prefill, count, input(tokenTensor(next + count)));
  }

  /** Feeds the embeddings {@code [1, n, H]} of something that is not text, as {@link #step}. */
  final float[] step(Tensor embeddings) {
    int count = Math.toIntExact(embeddings.shape()[1]);
    return execute(prefill, count, inputs(EValue.of(embeddings), prefillPositions.of(next, count)));
  }

  /** Whether earlier tokens are fed again with each step, because the program forgets them. */
  final boolean feedsAgain() {
    return !prefill.kvCache();
  }

  /** Feeds {@code tokens} again from now on, as if they were the sequence so far. */
  final void feedAgain(int[] tokens) {
    put(tokens, 0, 0, tokens.length);
    next = tokens.length;
  }

  /** Which tokens were fed since the last reset. */
  final BitSet fedTokens() {
    return fed;
  }

  /** Positions fed since the last reset. */
  final int position() {
    return next;
  }

  /** The logits of the latest step. */
  final float[] logits() {
    return logits.values();
  }

  /** Starts a new sequence on a decoder that remembers nothing, recurrent state included. */
  final void reset() {
    next = 0;
    fed.clear();
    module.restoreState();
  }

  /** Leaves out what was fed so far, where it would be fed again. */
  final void forget() {
    next = 0;
  }

  /**
   * What the decoder takes for these token ids.
   *
   * @param tokens {@code [1, n]}
   */
  EValue input(Tensor tokens) {
    return EValue.of(tokens);
  }

  /** All inputs of a decoder that remembers. */
  EValue[] inputs(EValue tokens, EValue position) {
    return new EValue[] {tokens, position};
  }

  final ExecuTorchModule module() {
    return module;
  }

  private float[] execute(DecoderSignature signature, int count, EValue... inputs) {
    recorder.executionStarted();
    logits.take(module.execute(signature.method(), inputs));
    recorder.executionEnded();
    next += count;
    return logits.values();
  }

  private void requireRoom(int count) {
    if (count > tokenIds.capacity()) {
      throw new ExecuTorchException(
          ErrorCode.INVALID_ARGUMENT,
          "Method %s takes at most %d tokens at once, got %d"
              .formatted(prefill.method(), tokenIds.capacity(), count));
    }
  }

  private void put(int[] source, int from, int at, int count) {
    for (int i = 0; i < count; i++) {
      tokenIds.put(at + i, source[from + i]);
      fed.set(source[from + i]);
    }
  }

  private Tensor tokenTensor(int count) {
    ByteBuffer used = tokens.duplicate().order(ByteOrder.nativeOrder());
    return Tensor.wrap(ScalarType.LONG, used.limit(count * Long.BYTES), 1, count);
  }
}
