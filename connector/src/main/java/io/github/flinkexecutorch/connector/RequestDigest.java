package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.image.Image;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A digest of everything that goes into a model: its own digest, each input with its kind, and
 * those options that may be long.
 */
final class RequestDigest {
  private RequestDigest() {}

  /** The digest in hexadecimal; empty if there is an input of a kind that is not digested. */
  static Optional<String> of(String modelDigest, GenerationRequest request) {
    ContentDigest digest = new ContentDigest().add(modelDigest);
    for (MultimodalInput input : request.inputs()) {
      if (input.isText()) {
        digest.add("text").add(bytes(input.getText())).add(input.getTextMarks());
      } else if (input.isTokens()) {
        digest.add("tokens").add(bytes(input.getTokens()));
      } else if (input.isImage()) {
        add(digest, input.getImage());
      } else {
        return Optional.empty();
      }
    }
    GenerationConfig config = request.config();
    digest.add("grammar").add(config.grammarType()).add(bytes(config.grammar()));
    for (String stop : config.stop()) {
      digest.add("stop").add(bytes(stop));
    }
    int[] stopTokens = config.stopTokenIds().stream().mapToInt(Integer::intValue).toArray();
    return Optional.of(digest.add("stop tokens").add(bytes(stopTokens)).wholeHex());
  }

  /** The options that are not in the digest. */
  static GenerationConfig rest(GenerationConfig config) {
    return config.toBuilder().grammar("", "").stop().stopTokenIds(List.of()).build();
  }

  private static void add(ContentDigest digest, Image image) {
    digest
        .add(image.isFloat() ? "floats" : "bytes")
        .add(bytes(new int[] {image.channels(), image.height(), image.width()}))
        .add(image.isFloat() ? bytes(image.floatData()) : image.uint8Data());
  }

  /** By its characters: in UTF-8 all halves of surrogate pairs would be the same. */
  private static byte[] bytes(String text) {
    ByteBuffer bytes = ByteBuffer.allocate(text.length() * Character.BYTES);
    bytes.asCharBuffer().put(text);
    return bytes.array();
  }

  private static byte[] bytes(int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
    bytes.asIntBuffer().put(values);
    return bytes.array();
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }
}
