package io.github.flinkexecutorch.llm.audio;

import java.nio.ByteBuffer;

/** ID3v2 tags, which may stand before the sound. */
final class Id3 {
  private static final int HEADER_LENGTH = 10;
  private static final int FOOTER_FLAG = 0x10;

  private Id3() {}

  /** Length of the tag that the content starts with; 0 without one. */
  static int length(ByteBuffer content) {
    if (content.limit() < HEADER_LENGTH
        || content.get(0) != 'I'
        || content.get(1) != 'D'
        || content.get(2) != '3') {
      return 0;
    }
    int size = 0;
    for (int i = 6; i < HEADER_LENGTH; i++) {
      size = size << 7 | (content.get(i) & 0x7f);
    }
    int footer = (content.get(5) & FOOTER_FLAG) == 0 ? 0 : HEADER_LENGTH;
    return Math.min(content.limit(), HEADER_LENGTH + size + footer);
  }
}
