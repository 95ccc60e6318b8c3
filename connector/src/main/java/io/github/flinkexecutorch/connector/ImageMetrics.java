package io.github.flinkexecutorch.connector;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/** What happens to images in one subtask, as events. Confined to the task's thread. */
final class ImageMetrics {
  private final Counter images;
  private final Counter bytes;
  private final Histogram fetchTime;
  private final Histogram decodeTime;
  private final Map<FailureKind, Counter> failures = new EnumMap<>(FailureKind.class);

  ImageMetrics(MetricGroup operator) {
    images = LlmMetric.IMAGES.counterIn(operator);
    bytes = LlmMetric.IMAGE_BYTES.counterIn(operator);
    fetchTime = LlmMetric.IMAGE_FETCH_TIME.histogramIn(operator);
    decodeTime = LlmMetric.IMAGE_DECODE_TIME.histogramIn(operator);
    for (FailureKind kind : FailureKind.values()) {
      failures.put(kind, LlmMetric.IMAGE_FAILURES.counterIn(operator, kind));
    }
  }

  /** An image was read from where its reference says. */
  void fetched(long nanos) {
    fetchTime.update(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  /** An image was decoded and brought to its size. */
  void prepared(long encodedBytes, long nanos) {
    images.inc();
    bytes.inc(encodedBytes);
    decodeTime.update(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  /** A request lost its images. */
  void failed(FailureKind kind) {
    failures.get(kind).inc();
  }
}
