package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.Tensor;

/** Executes a decoder that attends to the states of an encoder as well. */
final class Seq2SeqDecoderRunner extends TextDecoderRunner {
  private EValue encoderStates;

  /**
   * @param contextLength most tokens of a sequence
   */
  Seq2SeqDecoderRunner(ExecuTorchModule module, DecoderSignature decoder, int contextLength) {
    super(module, decoder, decoder, contextLength);
  }

  /** What the next sequence attends to: {@code [1, n, hidden]}, kept until it is replaced. */
  void attendTo(Tensor states) {
    encoderStates = EValue.of(states);
  }

  @Override
  EValue[] inputs(EValue tokens, EValue position) {
    return new EValue[] {tokens, encoderStates, position};
  }
}
