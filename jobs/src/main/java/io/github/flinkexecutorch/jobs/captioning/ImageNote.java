package io.github.flinkexecutorch.jobs.captioning;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.connector.RequestImage;
import java.nio.ByteBuffer;

/**
 * What a caption record says about its image. It travels through the inference as the key of the
 * record's origin, which comes out with the result as it went in.
 *
 * @param image where the image lies, {@code null} if that is not known
 * @param width pixels of the whole image, 0 until it is read
 * @param height likewise
 * @param thumbnail a small JPEG, {@code null} for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ImageNote(String image, int width, int height, byte[] thumbnail) {
  private static final byte[] NONE = {};

  /** Of an image that was not read yet. */
  static ImageNote of(String image) {
    return new ImageNote(image, 0, 0, null);
  }

  /** Of an image that was read. */
  static ImageNote of(RequestImage image) {
    return new ImageNote(
        image.reference(), image.sourceWidth(), image.sourceHeight(), image.thumbnail());
  }

  static ImageNote in(byte[] key) {
    ByteBuffer buffer = ByteBuffer.wrap(key);
    int width = buffer.getInt();
    int height = buffer.getInt();
    byte[] image = next(buffer);
    byte[] thumbnail = next(buffer);
    return new ImageNote(
        image.length == 0 ? null : new String(image, UTF_8),
        width,
        height,
        thumbnail.length == 0 ? null : thumbnail);
  }

  RecordOrigin toOrigin() {
    byte[] name = image == null ? NONE : image.getBytes(UTF_8);
    byte[] small = thumbnail == null ? NONE : thumbnail;
    ByteBuffer key = ByteBuffer.allocate(4 * Integer.BYTES + name.length + small.length);
    key.putInt(width).putInt(height);
    key.putInt(name.length).put(name);
    key.putInt(small.length).put(small);
    return new RecordOrigin(null, -1, -1, -1, key.array(), null, null);
  }

  private static byte[] next(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.getInt()];
    buffer.get(bytes);
    return bytes;
  }
}
