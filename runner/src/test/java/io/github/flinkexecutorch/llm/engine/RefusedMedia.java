package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.audio.Audio;
import io.github.flinkexecutorch.llm.image.Image;
import java.util.Collections;

/** Requests that a program with a vision encoder cannot take. */
final class RefusedMedia {
  private RefusedMedia() {}

  static GenerationRequest ofWrongSize() {
    return request(MultimodalInput.makeImageInput(Image.ofFloats(new float[3 * 64], 8, 8, 3)));
  }

  static GenerationRequest ofBytes(BatchedMedia model) {
    int size = model.imageSize();
    return request(
        MultimodalInput.makeImageInput(Image.ofBytes(new byte[3 * size * size], size, size, 3)));
  }

  static GenerationRequest ofSound() {
    return request(MultimodalInput.makeAudioInput(Audio.ofFloats(new float[8], 1, 4, 2)));
  }

  static GenerationRequest ofToken(int token) {
    return request(MultimodalInput.makeTokenInput(5, token));
  }

  /** 65 images of 4 positions or more. */
  static GenerationRequest ofTooMany(BatchedMedia model) {
    return request(Collections.nCopies(65, model.image(1)).toArray(MultimodalInput[]::new));
  }

  private static GenerationRequest request(MultimodalInput... inputs) {
    return BatchedMedia.request("refused", 4, inputs);
  }
}
