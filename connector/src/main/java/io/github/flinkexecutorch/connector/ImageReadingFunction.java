package io.github.flinkexecutorch.connector;

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
    ImageMetrics metrics = new ImageMetrics(getRuntimeContext().getMetricGroup());
    reader = new ImageReader(options, model, metrics);
    reader.check();
  }

  @Override
  public InferenceRequest map(InferenceRequest request) {
    return reader.prepare(request);
  }

  @Override
  public void close() throws IOException {
    if (reader != null) {
      reader.close();
    }
  }
}
