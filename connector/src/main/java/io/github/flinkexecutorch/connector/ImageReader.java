package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import io.github.flinkexecutorch.llm.image.ImageLimits;
import java.io.Closeable;
import java.io.IOException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Prepares the images of requests, one at a time: looks it up, decodes it, brings it to the size
 * that the model takes. Confined to a thread.
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

  /** The request with its images prepared, or with the reason why one of them cannot be used. */
  InferenceRequest prepare(InferenceRequest request) {
    if (request.rejection() != null || request.images().length == 0) {
      return request;
    }
    RequestImage[] images = request.images().clone();
    references.startTime();
    for (int i = 0; i < images.length; i++) {
      if (!images[i].isPrepared()) {
        try {
          images[i] = read(images[i]);
        } catch (RejectedRecordException e) {
          metrics.failed(e.kind());
          return request.rejected(rejection(e, i, images.length));
        }
      }
    }
    return request.withImages(images);
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
   * @throws SuppressRestartsException if the options can never work here
   */
  void check() {
    try {
      references.check();
      model.load();
    } catch (RuntimeException e) {
      throw FailureClassifier.atStart(e);
    }
  }

  @Override
  public void close() throws IOException {
    references.close();
  }

  private static Rejection rejection(RejectedRecordException e, int index, int images) {
    Rejection rejection = e.rejection(FailureStage.IMAGE);
    if (images == 1) {
      return rejection;
    }
    return new Rejection(
        rejection.kind(),
        rejection.stage(),
        "Image %d of %d: %s".formatted(index + 1, images, rejection.message()),
        rejection.exceptionClass());
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
