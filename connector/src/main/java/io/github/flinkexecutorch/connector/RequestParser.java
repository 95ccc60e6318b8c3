package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Source records with JSON values become requests. Malformed records become requests that carry
 * their {@link Rejection}, so none is lost and none fails the job; only tombstones may be dropped,
 * by {@link ExecuTorchOptions#TOMBSTONES}.
 */
@PublicEvolving
public final class RequestParser extends ProcessFunction<RecordOrigin, InferenceRequest> {
  private static final long serialVersionUID = 1L;

  private final Configuration options;

  private transient RequestReader reader;
  private transient boolean skipTombstones;
  private transient Counter tombstones;

  /**
   * @param options the {@code executorch.request.*} options are read
   * @throws IllegalArgumentException if the prompt template or a limit cannot work
   */
  public RequestParser(Configuration options) {
    this.options = new Configuration(options);
    this.reader = new RequestReader(options);
  }

  @Override
  public void open(OpenContext context) {
    reader = new RequestReader(options);
    skipTombstones = options.get(ExecuTorchOptions.TOMBSTONES) == TombstonePolicy.SKIP;
    tombstones = LlmMetric.TOMBSTONES.counterIn(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(
      RecordOrigin origin, Context context, Collector<InferenceRequest> requests) {
    if (origin.value() == null && skipTombstones) {
      tombstones.inc();
    } else {
      requests.collect(reader.read(origin));
    }
  }
}
