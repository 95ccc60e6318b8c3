package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.image.Image;
import java.nio.ByteBuffer;

/**
 * An image's place in a sequence, and what the vision encoder made of it. Confined to the engine's
 * thread once its session has been submitted.
 */
final class MediaSpan {
  private final int start;
  private final int length;
  private final String digest;
  private Image image;
  private ByteBuffer embeddings;

  /**
   * @param start its first position
   * @param length its positions
   * @param digest of its content; images of the same digest have the same embeddings
   */
  MediaSpan(int start, int length, String digest, Image image) {
    this.start = start;
    this.length = length;
    this.digest = digest;
    this.image = image;
  }

  int start() {
    return start;
  }

  int end() {
    return start + length;
  }

  String digest() {
    return digest;
  }

  /** Null once it is encoded. */
  Image image() {
    return image;
  }

  boolean isEncoded() {
    return embeddings != null;
  }

  /** Its rows, {@code f32[length, hidden]}; read only. */
  ByteBuffer embeddings() {
    return embeddings;
  }

  void encoded(ByteBuffer embeddings) {
    this.embeddings = embeddings;
    this.image = null;
  }
}
