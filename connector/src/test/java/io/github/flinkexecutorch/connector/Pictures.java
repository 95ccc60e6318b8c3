package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import io.github.flinkexecutorch.llm.image.ImageProcessor;
import io.github.flinkexecutorch.llm.image.ImageProcessorConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The image files and the programs for images that tests use. */
final class Pictures {
  /** Files of every format, drawn by models/flink_executorch_models/media/. */
  static final Path FOLDER = absolute("../runner/src/test/resources/images");

  private static final Path BATCHED = absolute("../sample-data/batched");

  private Pictures() {}

  static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }

  static byte[] read(String name) {
    return read(FOLDER.resolve(name));
  }

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Options of a batched program of random weights, whose images have this size. */
  static Configuration batchedOptions(String model, int size, Path folder) {
    Path preprocessor = folder.resolve(size + ".json");
    String json =
        """
        {"size": {"height": %d, "width": %d}, "do_center_crop": false}"""
            .formatted(size, size);
    try {
      Files.write(preprocessor, json.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Configuration()
        .set(ExecuTorchOptions.MODEL_PATH, BATCHED.resolve(model + ".pte").toString())
        .set(ExecuTorchOptions.TOKENIZER_PATH, BATCHED.resolve("tokenizer.json").toString())
        .set(ExecuTorchOptions.IMAGE_PREPROCESSOR, preprocessor.toString())
        .set(ExecuTorchOptions.IMAGE_ROOTS, List.of(FOLDER.toString()))
        .set(ExecuTorchOptions.MAX_NEW_TOKENS, 12);
  }

  /** Images and texts in the order of the model's inputs, completed without Flink. */
  static String alone(InferenceEngine engine, Configuration options, Object... parts) {
    ImageProcessor processor =
        new ImageProcessor(
            ImageProcessorConfig.load(Path.of(options.get(ExecuTorchOptions.IMAGE_PREPROCESSOR))));
    List<MultimodalInput> inputs = new ArrayList<>();
    for (Object part : parts) {
      inputs.add(
          part instanceof Image image
              ? MultimodalInput.makeImageInput(processor.process(image))
              : MultimodalInput.makeTextInput((String) part));
    }
    GenerationRequest request =
        GenerationRequest.of("alone", "", GenerationSettings.from(options).defaults());
    return engine.submit(request.withInputs(inputs)).join().text();
  }

  static Image decoded(String name) {
    return new ImageDecoder().decode(read(name));
  }

  /** The whole path from requests on. */
  static InferenceStreams inference(
      StreamExecutionEnvironment env, Configuration options, List<InferenceRequest> requests) {
    DataStream<InferenceRequest> source =
        env.fromData(requests, TypeInformation.of(InferenceRequest.class));
    return LlmInference.builder()
        .options(options)
        .build()
        .apply(new ImageReading(options).apply(source));
  }

  static <T> List<T> all(Iterator<T> results) {
    List<T> all = new ArrayList<>();
    results.forEachRemaining(all::add);
    return all;
  }
}
