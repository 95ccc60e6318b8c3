package io.github.flinkexecutorch.llm.engine;

import java.util.List;

/**
 * What stands at the positions of a prompt.
 *
 * <p>Owned by whoever receives it.
 */
final class SequenceContents {
  private final long[] positions;
  private final int length;
  private final List<MediaSpan> media;

  /**
   * @param positions token ids, and negative numbers made of an image's digest for its positions;
   *     with room for more
   * @param length how many of them there are
   * @param media the images, in order
   */
  SequenceContents(long[] positions, int length, List<MediaSpan> media) {
    this.positions = positions;
    this.length = length;
    this.media = List.copyOf(media);
  }

  long[] positions() {
    return positions;
  }

  int length() {
    return length;
  }

  List<MediaSpan> media() {
    return media;
  }
}
