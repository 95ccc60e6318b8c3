package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * A step before {@link LlmInference}: the images of requests are looked up, decoded and brought to
 * the size that the model takes, so that little travels on and little is kept in checkpoints. A
 * request whose image cannot be used gets a {@link Rejection}; requests without images pass.
 *
 * <p>A subtask holds one image at a time, of at most {@link
 * ExecuTorchOptions#IMAGE_MAX_DECODED_PIXELS} pixels, and looks at the sizes in its header before
 * it decodes it. The pixels are those of the model's own preprocessing, to the bit, unless an image
 * has more pixels than that.
 */
@PublicEvolving
public final class ImageReading {
  private final Configuration options;

  /**
   * @param options the {@code executorch.image.*} options and the path of the model
   * @throws IllegalArgumentException if an option cannot work
   */
  public ImageReading(Configuration options) {
    this.options = new Configuration(options);
    ImageReader.limits(options);
    new ImageReferences(options).close();
    requireAtLeast(0, ExecuTorchOptions.IMAGE_THUMBNAIL);
    requireAtLeast(1, ExecuTorchOptions.IMAGE_PARALLELISM);
  }

  /**
   * Adds the reading to the job, with the uid and name {@code images}, which may be changed on the
   * result.
   */
  public SingleOutputStreamOperator<InferenceRequest> apply(DataStream<InferenceRequest> requests) {
    SingleOutputStreamOperator<InferenceRequest> images =
        requests.map(new ImageReadingFunction(options)).name("images").uid("images");
    Integer parallelism = options.get(ExecuTorchOptions.IMAGE_PARALLELISM);
    return parallelism == null ? images : images.setParallelism(parallelism).disableChaining();
  }

  private void requireAtLeast(int least, ConfigOption<Integer> option) {
    Integer value = options.get(option);
    if (value != null && value < least) {
      throw new IllegalArgumentException(
          "Option " + option.key() + " must be at least " + least + ", got " + value + ".");
    }
  }
}
