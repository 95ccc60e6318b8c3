package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images on the real runtime in a cluster, batched and standard programs. */
class ImagesITCase {
  private static final String PROMPT = "Describe it.";
  private static final Path STANDARD = Pictures.absolute("../sample-data/conformance/llava");
  private static final int GOLDENS = 12;

  /** Every format, and what decoders get wrong: ink, depth, rotation, animation. */
  private static final List<String> FILES =
      List.of(
          "rgb.png",
          "420.jpg",
          "cmyk.jpg",
          "rgb-16bit.png",
          "turned-6.jpg",
          "animated.gif",
          "animated.webp",
          "lzw.tif",
          "palette.bmp");

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2);

  @TempDir private static Path folder;

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @ParameterizedTest
  @CsvSource({
    "llava, 28, 1, ",
    "llava, 28, 2, 1",
    "llava, 28, 1, 2",
    "smolvlm, 32, 2, ",
    "idefics3, 56, 1, 1",
  })
  void shouldWriteWhatTheEngineSaysAlone(
      String model, int size, int parallelism, Integer imageParallelism) throws Exception {
    Configuration options = Pictures.batchedOptions(model, size, folder);
    if (imageParallelism != null) {
      options.set(ExecuTorchOptions.IMAGE_PARALLELISM, imageParallelism);
    }
    Map<String, String> alone = alone(options);
    assertThat(new HashSet<>(alone.values())).as("the model sees images").hasSizeGreaterThan(5);

    assertThat(run(options, requests(), parallelism)).isEqualTo(alone);
  }

  /** What ExecuTorch's own runner said of the same pixels, which here come out of PNG files. */
  @Test
  void shouldWriteWhatTheOfficialRunnerSaysOnAStandardProgram() throws Exception {
    Path preprocessor = folder.resolve("bytes.json");
    Files.writeString(
        preprocessor,
        """
        {"do_resize": false, "do_center_crop": false, "do_rescale": false, "do_normalize": false}
        """);
    Configuration options =
        new Configuration()
            .set(ExecuTorchOptions.MODEL_PATH, STANDARD.resolve("model.pte").toString())
            .set(ExecuTorchOptions.TOKENIZER_PATH, STANDARD.toString())
            .set(ExecuTorchOptions.IMAGE_PREPROCESSOR, preprocessor.toString())
            .set(ExecuTorchOptions.MAX_NEW_TOKENS, 20);
    Map<String, String> goldens = new HashMap<>();
    List<InferenceRequest> requests = new ArrayList<>();
    for (String line : Files.readAllLines(STANDARD.resolve("goldens.jsonl")).subList(0, GOLDENS)) {
      JsonNode golden = new ObjectMapper().readTree(line);
      goldens.put(golden.get("id").asText(), golden.get("text").asText());
      requests.add(request(golden));
    }

    Map<String, String> completions = run(options, requests, 2);
    completions.replaceAll((id, text) -> text.replace("<|bos|>", "")); // which it does not print
    assertThat(completions).isEqualTo(goldens);
  }

  private static List<InferenceRequest> requests() {
    List<InferenceRequest> requests = new ArrayList<>();
    for (String file : FILES) {
      requests.add(
          InferenceRequest.of("named " + file, PROMPT).withImages(RequestImage.ofReference(file)));
      requests.add(
          InferenceRequest.of("encoded " + file, PROMPT)
              .withImages(RequestImage.ofBytes(Pictures.read(file))));
    }
    var image = Pictures.decoded("rgb.png");
    requests.add(
        InferenceRequest.of("pixels", PROMPT)
            .withImages(RequestImage.ofPixels(RgbRows.of(image), image.width(), image.height())));
    requests.add(InferenceRequest.of("text", PROMPT));
    requests.add(
        InferenceRequest.of("image alone", "").withImages(RequestImage.ofReference("420.jpg")));
    requests.add(
        InferenceRequest.of("two", "This: <image> That: <image> Why?")
            .withImages(
                RequestImage.ofReference("420.jpg"),
                RequestImage.ofBytes(Pictures.read("turned-6.jpg"))));
    return requests;
  }

  private static Map<String, String> alone(Configuration options) {
    Map<String, String> alone = new HashMap<>();
    try (InferenceEngine engine = new ModelEngineFactory(options).open("alone").join()) {
      for (String file : FILES) {
        String text = Pictures.alone(engine, options, Pictures.decoded(file), PROMPT);
        alone.put("named " + file, text);
        alone.put("encoded " + file, text);
      }
      alone.put("pixels", alone.get("named rgb.png"));
      alone.put("text", Pictures.alone(engine, options, PROMPT));
      alone.put("image alone", Pictures.alone(engine, options, Pictures.decoded("420.jpg")));
      alone.put(
          "two",
          Pictures.alone(
              engine,
              options,
              "This: ",
              Pictures.decoded("420.jpg"),
              " That: ",
              Pictures.decoded("turned-6.jpg"),
              " Why?"));
    }
    return alone;
  }

  private static InferenceRequest request(JsonNode golden) {
    StringBuilder prompt = new StringBuilder();
    List<RequestImage> images = new ArrayList<>();
    for (JsonNode input : golden.get("inputs")) {
      if (input.has("text")) {
        prompt.append(input.get("text").asText());
      } else {
        prompt.append("<image>");
        images.add(png(input.get("image")));
      }
    }
    return InferenceRequest.of(golden.get("id").asText(), prompt.toString())
        .withImages(images.toArray(RequestImage[]::new));
  }

  private static RequestImage png(JsonNode image) {
    byte[] planes = Pictures.read(STANDARD.resolve(image.get("file").asText()));
    int width = image.get("width").asInt();
    int height = image.get("height").asInt();
    return RequestImage.ofBytes(PngFiles.of(planes, width, height));
  }

  private static Map<String, String> run(
      Configuration options, List<InferenceRequest> requests, int parallelism) throws Exception {
    StreamExecutionEnvironment env = TestCluster.environment(parallelism, 0);
    InferenceStreams out = Pictures.inference(env, options, requests);
    var completions = out.completions().collectAsync();
    var failures = out.failures().collectAsync();
    env.execute();
    assertThat(Pictures.all(failures)).isEmpty();
    return new HashMap<>(
        Pictures.all(completions).stream().collect(toMap(Completion::id, Completion::text)));
  }
}
