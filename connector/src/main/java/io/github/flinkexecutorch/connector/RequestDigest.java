package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.runtime.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A digest of everything that goes into a model: its own digest, and each input with its kind and
 * size, so that no two contents run into the same bytes.
 */
final class RequestDigest {
  private static final byte TEXT = 1;
  private static final byte TOKENS = 2;
  private static final byte IMAGE_OF_BYTES = 3;
  private static final byte IMAGE_OF_FLOATS = 4;
  private static final byte MARKS = 5;

  private final MessageDigest sha = Sha256.digest();

  private RequestDigest() {}

  /** The digest in hexadecimal; empty if there is an input of a kind that is not digested. */
  static Optional<String> of(String modelDigest, List<MultimodalInput> inputs) {
    RequestDigest digest = new RequestDigest();
    digest.sha.update(modelDigest.getBytes(StandardCharsets.UTF_8));
    for (MultimodalInput input : inputs) {
      if (!digest.add(input)) {
        return Optional.empty();
      }
    }
    return Optional.of(HexFormat.of().formatHex(digest.sha.digest()));
  }

  private boolean add(MultimodalInput input) {
    if (input.isText()) {
      add(input.getText());
      byte[] marks = input.getTextMarks();
      begin(MARKS, marks.length);
      sha.update(marks);
    } else if (input.isTokens()) {
      int[] tokens = input.getTokens();
      begin(TOKENS, tokens.length);
      ByteBuffer bytes = ByteBuffer.allocate(tokens.length * Integer.BYTES);
      bytes.asIntBuffer().put(tokens);
      sha.update(bytes);
    } else if (input.isImage()) {
      add(input.getImage());
    } else {
      return false;
    }
    return true;
  }

  /** By its characters: in UTF-8 all halves of surrogate pairs would be the same. */
  private void add(String text) {
    begin(TEXT, text.length());
    ByteBuffer bytes = ByteBuffer.allocate(text.length() * Character.BYTES);
    bytes.asCharBuffer().put(text);
    sha.update(bytes);
  }

  private void add(Image image) {
    begin(image.isFloat() ? IMAGE_OF_FLOATS : IMAGE_OF_BYTES, image.channels());
    begin((byte) 0, image.width());
    begin((byte) 0, image.height());
    if (!image.isFloat()) {
      sha.update(image.uint8Data());
      return;
    }
    float[] values = image.floatData();
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    sha.update(bytes);
  }

  /** Digests the kind and the size of what follows. */
  private void begin(byte kind, int size) {
    sha.update(kind);
    sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(size).flip());
  }
}
