package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.Generation;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.ModelProfile;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.runtime.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Turns requests into sequences: tokenizes, checks, digests. Safe for use by several threads. */
final class PromptReader {
  private final ModelProfile profile;
  private final BatchedSignature signature;
  private final long[] imageShape;

  /** Part of every digest: so nobody can look for two images that share a digest's first bits. */
  private final byte[] salt = new byte[16];

  /**
   * @param imageShape {@code [C, H, W]} of what the vision encoder takes, empty without one
   */
  PromptReader(ModelProfile profile, BatchedSignature signature, long[] imageShape) {
    this.profile = profile;
    this.signature = signature;
    this.imageShape = imageShape.clone();
    new SecureRandom().nextBytes(salt);
  }

  /**
   * The sequence of a request.
   *
   * @throws InvalidRequestException if it cannot work on this model
   */
  LLMSession read(QueuedRequest queued) {
    GenerationRequest request = queued.request();
    request.requireContent();
    request.inputs().forEach(input -> input.tryGetTokens().ifPresent(this::requireKnown));
    Generation generation =
        new Generation(
            profile, request.inputs(), this::mediaLength, request.config(), request.onText());
    return new LLMSession(queued, generation, contents(generation));
  }

  /** The embedding of an unknown token would fail the whole step. */
  private void requireKnown(int[] tokens) {
    for (int token : tokens) {
      if (token < 0 || token >= signature.logitsWidth()) {
        throw new InvalidRequestException(
            Reason.INVALID_PARAMETER,
            "The prompt has the token %d, but the model's tokens are 0 to %d"
                .formatted(token, signature.logitsWidth() - 1));
      }
    }
  }

  private int mediaLength(MultimodalInput input) {
    if (!input.isImage() || signature.maxImages() == 0) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "The model takes %s only, but the prompt has an input of the kind %s"
              .formatted(
                  signature.maxImages() == 0 ? "text" : "text and images", input.typeName()));
    }
    Image image = input.getImage();
    if (image.channels() != imageShape[0]
        || image.height() != imageShape[1]
        || image.width() != imageShape[2]
        || !image.isFloat()) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          String.format(
              Locale.ROOT,
              "Method vision_encoder takes floats of [%d, %d, %d], but the input is %s; prepare it"
                  + " with the model's preprocessor",
              imageShape[0],
              imageShape[1],
              imageShape[2],
              image));
    }
    return signature.imageTokens();
  }

  private SequenceContents contents(Generation generation) {
    long[] positions = new long[generation.promptLength() + 64];
    List<MediaSpan> media = new ArrayList<>();
    int length = 0;
    for (MultimodalInput part : generation.prompt()) {
      if (part.isTokens()) {
        for (int token : part.getTokens()) {
          positions[length++] = token;
        }
        continue;
      }
      Image image = part.getImage();
      byte[] digest = digest(image);
      media.add(
          new MediaSpan(length, signature.imageTokens(), HexFormat.of().formatHex(digest), image));
      long name = ByteBuffer.wrap(digest).getLong();
      for (int i = 0; i < signature.imageTokens(); i++) {
        positions[length++] = Long.MIN_VALUE | (name + i); // negative: no token's id
      }
    }
    return new SequenceContents(positions, length, media);
  }

  private byte[] digest(Image image) {
    float[] values = image.floatData();
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.BIG_ENDIAN);
    bytes.asFloatBuffer().put(values);
    MessageDigest digest = Sha256.digest();
    digest.update(salt);
    return digest.digest(bytes.array());
  }
}
