package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.Tensor;

/** A part of a prompt as a decoder is fed it: token ids, or the embeddings of an image or sound. */
final class DecoderInput {
  private final int[] tokens; // one of the two is null
  private final Tensor embeddings;

  private DecoderInput(int[] tokens, Tensor embeddings) {
    this.tokens = tokens;
    this.embeddings = embeddings;
  }

  static DecoderInput ofTokens(int[] tokens) {
    return new DecoderInput(tokens, null);
  }

  /**
   * @param embeddings {@code [1, n, hidden]}
   */
  static DecoderInput ofEmbeddings(Tensor embeddings) {
    return new DecoderInput(null, embeddings);
  }

  boolean isTokens() {
    return tokens != null;
  }

  int[] tokens() {
    return tokens;
  }

  Tensor embeddings() {
    return embeddings;
  }

  /** Positions that it takes in the context. */
  int length() {
    return isTokens() ? tokens.length : Math.toIntExact(embeddings.shape()[1]);
  }
}
