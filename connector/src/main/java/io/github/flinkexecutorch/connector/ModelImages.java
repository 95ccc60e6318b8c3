package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageProcessor;
import io.github.flinkexecutorch.llm.image.ImageProcessorConfig;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.ReadableConfig;

/**
 * How the model wants its images. Reads the model's files once, on the TaskManager. Confined to a
 * thread.
 */
final class ModelImages implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String preprocessor; // null: whatever the model says
  private final String model; // null: no model to ask
  private final String[] dataFiles;
  private final ModelPaths paths;

  private transient ImageProcessor processor;
  private transient String refusal; // why there is none

  ModelImages(ReadableConfig options) {
    preprocessor = options.get(ExecuTorchOptions.IMAGE_PREPROCESSOR);
    model = options.get(ExecuTorchOptions.MODEL_PATH);
    dataFiles = options.get(ExecuTorchOptions.MODEL_DATA_FILES).toArray(String[]::new);
    paths = ModelPaths.from(options);
  }

  /**
   * Reads the file that the options name, if they do. What the model says itself is read with the
   * first image, of the version that is to be served then: whoever sends texts only needs none of
   * it.
   *
   * @throws InvalidModelException if the file cannot be used
   */
  void load() {
    if (preprocessor != null && processor == null) {
      processor = new ImageProcessor(ImageProcessorConfig.load(Path.of(preprocessor)));
    }
  }

  /**
   * The image in the size that the model takes, in unsigned bytes.
   *
   * @throws InvalidRequestException if nothing says how to prepare it, or its shape is too extreme
   */
  Image fit(Image image) {
    return required().fit(image);
  }

  /**
   * What the encoder gets, made when it is asked for: a request that waits holds its pixels alone.
   *
   * @throws InvalidRequestException if the image was not prepared
   */
  Image normalized(RequestImage image) {
    if (!image.isPrepared()) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "An image has not been read; apply ImageReading to the stream before LlmInference.");
    }
    return required().normalizeLater(image.width(), image.height(), () -> RgbRows.toPlanes(image));
  }

  /**
   * @throws InvalidModelException if it cannot be told which version of the model to ask, or what
   *     it says cannot be read now but may be later
   */
  private ImageProcessor required() {
    load();
    if (processor == null && refusal == null) {
      askTheModel();
    }
    if (processor == null) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "%s. If the model takes images, set %s."
              .formatted(refusal, ExecuTorchOptions.IMAGE_PREPROCESSOR.key()));
    }
    return processor;
  }

  /** A model that says nothing of use is no reason to end a job, which may go on with texts. */
  private void askTheModel() {
    String nothing =
        "The model has no preprocessor_config.json beside it and no constants for images";
    if (model == null) {
      refusal = nothing;
      return;
    }
    String version = paths.version(); // once, so that all files are of the same
    Path program = ModelPaths.of(model, version);
    List<Path> data = Arrays.stream(dataFiles).map(file -> ModelPaths.of(file, version)).toList();
    try {
      processor = ImageProcessorConfig.ofModel(program, data).map(ImageProcessor::new).orElse(null);
      refusal = nothing;
    } catch (InvalidModelException | ExecuTorchException e) {
      if (!FailureClassifier.isPermanentAtStart(e)) {
        throw new InvalidModelException("How the model wants its images: " + e.getMessage(), e);
      }
      refusal = e.getMessage();
    }
  }
}
