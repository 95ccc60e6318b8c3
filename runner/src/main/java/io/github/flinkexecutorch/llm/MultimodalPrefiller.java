package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.Tensor;
import java.util.Optional;

/**
 * Turns images and audio into embeddings, through the program's {@code vision_encoder} and {@code
 * audio_encoder}; upstream's {@code ImagePrefiller} in former times. Confined to the runner's
 * thread; does not own the module.
 */
final class MultimodalPrefiller {
  static final String VISION_ENCODER = "vision_encoder";
  static final String AUDIO_ENCODER = "audio_encoder";

  private final Optional<MediaEncoder> vision;
  private final Optional<MediaEncoder> audio;

  /** Loads the encoders that the program has. */
  MultimodalPrefiller(ExecuTorchModule module) {
    this.vision = MediaEncoder.load(module, VISION_ENCODER);
    this.audio = MediaEncoder.load(module, AUDIO_ENCODER);
  }

  /**
   * The embeddings {@code [1, n, hidden]} of an image or of audio, in memory of their own.
   *
   * @throws InvalidRequestException if the program has no such encoder, or the encoder takes
   *     another size or type
   */
  Tensor encode(MultimodalInput input) {
    if (input.isImage()) {
      MediaEncoder encoder = require(vision, VISION_ENCODER, input);
      boolean withBatch = encoder.input().rank() == 4;
      return encoder.encode(input.getImage().toTensor(withBatch), input);
    }
    if (input.isAudio()) {
      return require(audio, AUDIO_ENCODER, input).encode(input.getAudio().toTensor(), input);
    }
    throw new InvalidRequestException(
        Reason.UNSUPPORTED_INPUT,
        "Encoders take features, not %s; run an AudioPreprocessor first"
            .formatted(input.typeName()));
  }

  private static MediaEncoder require(
      Optional<MediaEncoder> encoder, String method, MultimodalInput input) {
    return encoder.orElseThrow(
        () ->
            new InvalidRequestException(
                Reason.UNSUPPORTED_INPUT,
                "The model takes no input of the kind %s: its program has no method %s"
                    .formatted(input.typeName(), method)));
  }
}
