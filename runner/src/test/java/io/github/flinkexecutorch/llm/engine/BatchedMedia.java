package io.github.flinkexecutorch.llm.engine;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.image.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A batched program for text and images of the samples, with transformers' greedy tokens. */
@JsonIgnoreProperties(ignoreUnknown = true)
record BatchedMedia(String name, int imageSize, List<Golden> goldens) {

  /** A prompt of tokens and images, and its greedy completion. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Golden(String id, List<Part> inputs, List<Integer> tokens) {}

  /**
   * Tokens or an image.
   *
   * @param image what its pixels are made of
   */
  record Part(List<Integer> tokens, Integer image) {}

  static List<BatchedMedia> all() {
    try {
      return new ObjectMapper()
          .readValue(
              BatchedGoldens.FOLDER.resolve("media.json").toFile(), new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BatchedMedia of(String name) {
    return all().stream().filter(model -> model.name.equals(name)).findFirst().orElseThrow();
  }

  /** The program as the text goldens' tests know it. */
  BatchedGoldens program() {
    return new BatchedGoldens(name, name, "fp32", "fp32", List.of());
  }

  GenerationRequest request(Golden golden) {
    List<MultimodalInput> inputs = golden.inputs().stream().map(this::input).toList();
    return request(golden.id(), golden.tokens().size(), inputs.toArray(MultimodalInput[]::new));
  }

  static GenerationRequest request(String id, int newTokens, MultimodalInput... inputs) {
    return GenerationRequest.of(id, "", BatchedGoldens.greedy(newTokens))
        .withInputs(List.of(inputs));
  }

  /** A prompt of one image between tokens: a page of 16 holds its first rows with tokens. */
  GenerationRequest around(String id, int image) {
    return request(id, 16, text(12), image(image), text(9));
  }

  MultimodalInput image(int seed) {
    return MultimodalInput.makeImageInput(pixels(seed));
  }

  static MultimodalInput text(int count) {
    int[] tokens = new int[count];
    Arrays.setAll(tokens, i -> 70 + i * 5);
    return MultimodalInput.makeTokenInput(tokens);
  }

  /** The same image as {@code flink_executorch_models/seeded.py} makes. */
  Image pixels(int seed) {
    float[] values = new float[3 * imageSize * imageSize];
    for (int i = 0; i < values.length; i++) {
      int x = i * 0x9E3779B1 + seed * 0x85EBCA77;
      x ^= x >>> 15;
      x *= 0x2C1B3C6D;
      x ^= x >>> 12;
      values[i] = ((x >>> 21) - 1024) / 1024f;
    }
    return Image.ofFloats(values, imageSize, imageSize, 3);
  }

  List<Image> images(int count) {
    List<Image> images = new ArrayList<>();
    for (int seed = 1; seed <= count; seed++) {
      images.add(pixels(seed));
    }
    return images;
  }

  private MultimodalInput input(Part part) {
    return part.image() != null
        ? image(part.image())
        : MultimodalInput.makeTokenInput(
            part.tokens().stream().mapToInt(Integer::intValue).toArray());
  }

  @Override
  public String toString() {
    return name;
  }
}
