package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.Tensor;

/** Executes a decoder of embeddings: token ids go through the program's embedding table first. */
final class MultimodalDecoderRunner extends TextDecoderRunner {
  static final String TOKEN_EMBEDDING = "token_embedding";
  static final String TEXT_DECODER = "text_decoder";

  /**
   * @param decoder the signature of {@code text_decoder}
   * @param contextLength most positions of a sequence
   */
  MultimodalDecoderRunner(ExecuTorchModule module, DecoderSignature decoder, int contextLength) {
    super(module, decoder, decoder, contextLength);
  }

  @Override
  EValue input(Tensor tokens) {
    // A view of the embedding method's memory, which the decoder's execution leaves alone.
    return module().execute(TOKEN_EMBEDDING, EValue.of(tokens)).get(0);
  }
}
