package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.ByteBuffer;

/** Feeds a prompt to the decoder, in chunks as large as the program takes. */
final class TextPrefiller {
  private final TextDecoderRunner decoder;
  private final int chunk;
  private final boolean forgetful;

  /**
   * @param chunk most tokens of one execution; 1 for programs of static shape
   */
  TextPrefiller(TextDecoderRunner decoder, int chunk, Compatibility compatibility) {
    this.decoder = decoder;
    this.chunk = chunk;
    this.forgetful = decoder.feedsAgain() && compatibility.has(Quirk.NO_CACHE_NO_MEMORY);
  }

  /**
   * The largest chunk that all limits of a program allow. The metadata alone would be one too many
   * for programs whose shape bound is the sequence length less one.
   */
  static int chunkFor(
      LLMMetadata metadata, DecoderSignature signature, Compatibility compatibility) {
    if (signature.kvCache() && !metadata.enableDynamicShape()) {
      return 1;
    }
    return largestChunk(metadata, signature, compatibility);
  }

  /** As above for decoders of embeddings, whose exporters do not say whether shapes are dynamic. */
  static int largestChunk(
      LLMMetadata metadata, DecoderSignature signature, Compatibility compatibility) {
    if (compatibility.has(Quirk.CHUNKS_OF_MAX_SEQ_LEN)) {
      return metadata.maxSeqLen();
    }
    int chunk = Math.min(metadata.maxSeqLen(), signature.maxTokens());
    return metadata.slidingWindow() > 1 ? Math.min(chunk, metadata.slidingWindow() - 1) : chunk;
  }

  /**
   * Feeds a part of a prompt; afterwards the decoder holds the logits of its last position.
   *
   * @return false if the cancellation came before the end
   */
  boolean prefill(DecoderInput part, Cancellation cancellation) {
    for (int from = 0; from < part.length(); from += chunk) {
      if (cancellation.isCancelled()) {
        return false;
      }
      int to = Math.min(from + chunk, part.length());
      if (part.isTokens()) {
        if (forgetful) {
          decoder.forget();
        }
        decoder.step(part.tokens(), from, to);
      } else {
        decoder.step(rows(part.embeddings(), from, to));
      }
    }
    if (forgetful && part.isTokens()) {
      decoder.feedAgain(part.tokens());
    }
    return true;
  }

  /** {@code embeddings[:, from:to]}, sharing memory. */
  private static Tensor rows(Tensor embeddings, int from, int to) {
    long[] shape = embeddings.shape();
    if (from == 0 && to == shape[1]) {
      return embeddings;
    }
    int row = Math.toIntExact(shape[2] * embeddings.type().bytes());
    ByteBuffer part = embeddings.bytes().position(from * row).limit(to * row);
    return Tensor.wrap(embeddings.type(), part, 1, to - from, shape[2]);
  }
}
