package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** Requests become requests whose images are prepared, or that carry the reason why not. */
final class ImageReadingFunction extends RichMapFunction<InferenceRequest, InferenceRequest> {
  private static final long serialVersionUID = 1L;

  private final Configuration options;
  private final ModelImages model;

  private transient ImageReader reader;
  private transient ImageMetrics metrics;

  ImageReadingFunction(Configuration options) {
    this.options = options;
    this.model = new ModelImages(options);
  }

  /**
   * Checks what the options name.
   *
   * @throws SuppressRestartsException if the options can never work here
   */
  @Override
  public void open(OpenContext context) {
    metrics = new ImageMetrics(getRuntimeContext().getMetricGroup());
    reader = new ImageReader(options, model, metrics);
    try {
      reader.check();
      model.load();
    } catch (IllegalArgumentException | InvalidModelException e) {
      throw new SuppressRestartsException(e);
    }
  }

  @Override
  public InferenceRequest map(InferenceRequest request) {
    if (request.rejection() != null || request.images().length == 0) {
      return request;
    }
    RequestImage[] images = request.images().clone();
    reader.startTime();
    for (int i = 0; i < images.length; i++) {
      if (!images[i].isPrepared()) {
        try {
          images[i] = reader.read(images[i]);
        } catch (RejectedRecordException e) {
          metrics.failed(e.kind());
          return request.rejected(rejection(e, i, images.length));
        }
      }
    }
    return request.withImages(images);
  }

  @Override
  public void close() throws IOException {
    if (reader != null) {
      reader.close();
    }
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
}
