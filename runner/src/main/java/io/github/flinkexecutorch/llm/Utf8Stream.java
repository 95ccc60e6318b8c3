package io.github.flinkexecutorch.llm;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Turns a stream of bytes that may be cut inside a character into text of whole characters.
 *
 * <p>Bytes that can never become a character are replaced by U+FFFD.
 */
final class Utf8Stream {
  private static final int LONGEST_CHARACTER = 4;

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final byte[] held = new byte[LONGEST_CHARACTER];
  private int heldBytes;

  /** The characters that {@code piece} completes; an unfinished one is held back. */
  String append(byte[] piece) {
    ByteBuffer bytes = ByteBuffer.allocate(heldBytes + piece.length);
    bytes.put(held, 0, heldBytes).put(piece).flip();
    CharBuffer text = CharBuffer.allocate(bytes.remaining());
    decoder.decode(bytes, text, false);
    heldBytes = bytes.remaining();
    bytes.get(held, 0, heldBytes);
    return text.flip().toString();
  }

  /** U+FFFD if the stream ended inside a character, else nothing; the stream starts afresh. */
  String finish() {
    boolean cut = heldBytes > 0;
    heldBytes = 0;
    decoder.reset();
    return cut ? "\uFFFD" : "";
  }
}
