package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageProcessor;
import io.github.flinkexecutorch.llm.image.ImageProcessorConfig;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

  private transient boolean loaded;
  private transient ImageProcessor processor;

  ModelImages(ReadableConfig options) {
    preprocessor = options.get(ExecuTorchOptions.IMAGE_PREPROCESSOR);
    model = options.get(ExecuTorchOptions.MODEL_PATH);
    dataFiles = options.get(ExecuTorchOptions.MODEL_DATA_FILES).toArray(String[]::new);
  }

  /**
   * Reads how images are prepared, if that is said anywhere: nothing needs it before the first
   * image.
   *
   * @throws InvalidModelException if what is said cannot be used
   */
  void load() {
    if (!loaded) {
      processor = config().map(ImageProcessor::new).orElse(null);
      loaded = true;
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
   * What the encoder gets.
   *
   * @throws InvalidRequestException if the image was not prepared
   */
  Image normalized(RequestImage image) {
    if (!image.isPrepared()) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "An image has not been read; apply ImageReading to the stream before LlmInference.");
    }
    return required().normalize(RgbRows.toPlanes(image));
  }

  private ImageProcessor required() {
    load();
    if (processor == null) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "The model says nothing about images: it has no preprocessor_config.json beside it and no"
              + " constants for it. If it takes images, set "
              + ExecuTorchOptions.IMAGE_PREPROCESSOR.key()
              + ".");
    }
    return processor;
  }

  private Optional<ImageProcessorConfig> config() {
    if (preprocessor != null) {
      return Optional.of(ImageProcessorConfig.load(Path.of(preprocessor)));
    }
    if (model == null) {
      return Optional.empty();
    }
    return ImageProcessorConfig.ofModel(
        Path.of(model), List.of(dataFiles).stream().map(Path::of).toList());
  }
}
