package io.github.flinkexecutorch.connector;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * A step before {@link LlmInference}: the images of requests are looked up, decoded and brought to
 * the size that the model takes, so that little travels on and little is kept in checkpoints. A
 * request whose image cannot be used gets a {@link Rejection}; requests without images pass.
 *
 * <p>A subtask holds one image at a time.
 */
public final class ImageReading {
  private final Configuration options;

  /**
   * @param options the {@code executorch.image.*} options and the path of the model
   * @throws IllegalArgumentException if an option cannot work
   */
  public ImageReading(Configuration options) {
    this.options = new Configuration(options);
  }

  /**
   * Adds the reading to the job, with the uid and name {@code images}, which may be changed on the
   * result.
   */
  public SingleOutputStreamOperator<InferenceRequest> apply(
      DataStream<InferenceRequest> requests) {
    throw new UnsupportedOperationException("Reads no images yet: " + options.keySet());
  }
}
