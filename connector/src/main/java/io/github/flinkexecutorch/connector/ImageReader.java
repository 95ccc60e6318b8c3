package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import io.github.flinkexecutorch.llm.image.ImageLimits;
import java.io.Closeable;
import java.io.IOException;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Prepares one image at a time: looks it up, decodes it, brings it to the size that the model
 * takes. Confined to a thread.
 */
final class ImageReader implements Closeable {
  private final ImageReferences references;
  private final ImageDecoder decoder;
  private final ModelImages model;
  private final Thumbnails thumbnails;
  private final ImageMetrics metrics;

  ImageReader(ReadableConfig options, ModelImages model, ImageMetrics metrics) {
    this.references = new ImageReferences(options);
    this.decoder = new ImageDecoder(limits(options), ImageDecoder.WHITE);
    this.model = model;
    this.thumbnails = new Thumbnails(options.get(ExecuTorchOptions.IMAGE_THUMBNAIL));
    this.metrics = metrics;
  }

  /** Another record follows, with time of its own. */
  void startTime() {
    references.startTime();
  }

  /**
   * The image, prepared.
   *
   * @throws RejectedRecordException if it cannot be used
   */
  RequestImage read(RequestImage image) throws RejectedRecordException {
    long start = System.nanoTime();
    byte[] encoded = image.encoded();
    if (encoded == null && image.pixels() == null) {
      encoded = references.read(image.reference());
      metrics.fetched(System.nanoTime() - start);
    }
    start = System.nanoTime();
    try {
      Image whole = encoded == null ? RgbRows.toPlanes(image) : decoder.decode(encoded);
      Image fitted = model.fit(whole);
      metrics.prepared(encoded == null ? 0 : encoded.length, System.nanoTime() - start);
      return new RequestImage(
          image.reference(),
          null,
          fitted.width(),
          fitted.height(),
          RgbRows.of(fitted),
          whole.width(),
          whole.height(),
          thumbnails.of(whole));
    } catch (InvalidRequestException e) {
      throw new RejectedRecordException(FailureClassifier.classify(e), e.getMessage(), e);
    }
  }

  /**
   * Checks that what the options name is there.
   *
   * @throws IllegalArgumentException naming the option
   */
  void check() {
    references.check();
  }

  @Override
  public void close() throws IOException {
    references.close();
  }

  /**
   * @throws IllegalArgumentException if a limit cannot work
   */
  static ImageLimits limits(ReadableConfig options) {
    try {
      return new ImageLimits(
          options.get(ExecuTorchOptions.IMAGE_MAX_BYTES).getBytes(),
          ImageLimits.DEFAULTS.maxWidth(),
          ImageLimits.DEFAULTS.maxHeight(),
          options.get(ExecuTorchOptions.IMAGE_MAX_PIXELS),
          options.get(ExecuTorchOptions.IMAGE_MAX_DECODED_PIXELS));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "An option executorch.image.max-* cannot work: " + e.getMessage(), e);
    }
  }
}
