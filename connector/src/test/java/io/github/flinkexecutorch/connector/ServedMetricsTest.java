package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the metrics show of all that stands before an engine. */
@Timeout(120)
class ServedMetricsTest {
  private static final double ONE_IN_ELEVEN_DAYS = 1e-6;

  private final MetricListener listener = new MetricListener();
  private final VersionedFakes fakes = new VersionedFakes("v1");
  private SubtaskEngine engine;

  @AfterEach
  void close() {
    engine.close();
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldShowWhatTheCacheDoesAndBeginAnewWithEachVersion() throws Exception {
    open(new ServingSettings(1 << 20, 1, 0, List.of(), MemoryCheck.NONE));
    submit("a", "one");
    submit("b", "one");
    submit("c", "two");
    fakes.engine("v1").answer("a");

    assertThat(gauge(LlmMetric.CACHE_HITS)).isEqualTo(1L);
    assertThat(gauge(LlmMetric.CACHE_MISSES)).isEqualTo(2L);
    assertThat((Long) gauge(LlmMetric.CACHE_BYTES)).isPositive();
    swap("v2");
    assertThat(gauge(LlmMetric.CACHE_HITS)).isEqualTo(0L);
    assertThat(gauge(LlmMetric.CACHE_MISSES)).isEqualTo(0L);
    assertThat(gauge(LlmMetric.CACHE_BYTES)).isEqualTo(0L);
  }

  @Test
  void shouldCountTriesThatAreNotTheFirst() throws Exception {
    open(new ServingSettings(0, 3, 0, List.of(), MemoryCheck.NONE));
    submit("a", "one");
    assertThat(gauge(LlmMetric.RETRIES)).isEqualTo(0L);

    fakes.engine("v1").fail("a", new ExecuTorchException(ErrorCode.INTERNAL, "no"));
    fakes.engine("v1").fail("a", new ExecuTorchException(ErrorCode.INTERNAL, "no"));

    assertThat(gauge(LlmMetric.RETRIES)).isEqualTo(2L);
  }

  @Test
  void shouldShowWhatWaitsForTheRateAsInFlightToo() throws Exception {
    open(new ServingSettings(0, 1, ONE_IN_ELEVEN_DAYS, List.of(), MemoryCheck.NONE));
    submit("a", "one");
    submit("b", "two");
    submit("c", "three");

    assertThat(gauge(LlmMetric.RATE_WAITING)).isEqualTo(2);
    assertThat(gauge(LlmMetric.IN_FLIGHT)).isEqualTo(3);
  }

  @Test
  void shouldShowTheRequestsOfAllVersionsAsInFlight() throws Exception {
    open(ServingSettings.PLAIN);
    submit("a", "one");
    swap("v2");
    submit("b", "two");
    assertThat(gauge(LlmMetric.IN_FLIGHT)).isEqualTo(2);

    fakes.engine("v1").answer("a");
    fakes.engine("v2").fail("b", new IllegalStateException("no"));

    assertThat(gauge(LlmMetric.IN_FLIGHT)).isEqualTo(0);
  }

  @Test
  void shouldCountSwapsAndThoseThatFailed() throws Exception {
    open(ServingSettings.PLAIN);
    assertThat(gauge(LlmMetric.MODEL_SWAPS)).isEqualTo(0);

    swap("v2");
    fakes.want("v3");
    fakes.refuse("v3", new InvalidModelException("no such file"));
    while (gauge(LlmMetric.MODEL_SWAP_FAILURES).intValue() == 0) {
      engine.checkpointCompleted();
    }

    assertThat(gauge(LlmMetric.MODEL_SWAPS)).isEqualTo(1);
    assertThat(gauge(LlmMetric.MODEL_SWAP_FAILURES)).isEqualTo(1);
  }

  @Test
  void shouldShowHowLongWarmingUpTook() throws Exception {
    CompletableFuture<Void> opening =
        CompletableFuture.runAsync(
            () -> open(new ServingSettings(0, 1, 0, List.of(3), MemoryCheck.NONE)));
    await().until(() -> fakes.engine("v1").submitted() == 1);
    long start = System.nanoTime();
    await().until(() -> System.nanoTime() - start > 5_000_000);
    fakes.engine("v1").answerTokens("warm-up");
    opening.join();

    assertThat((Long) gauge(LlmMetric.WARM_UP_TIME)).isGreaterThanOrEqualTo(5);
  }

  @Test
  void shouldShowHowLongTheVersionThatAnswersTookToOpen() throws Exception {
    open(ServingSettings.PLAIN);
    long first = (Long) gauge(LlmMetric.MODEL_LOAD_TIME);

    fakes.want("v2");
    while (!fakes.isOpening("v2")) {
      engine.checkpointCompleted();
    }
    long start = System.nanoTime();
    await().until(() -> System.nanoTime() - start > (first + 5) * 1_000_000);
    swap("v2");

    assertThat((Long) gauge(LlmMetric.MODEL_LOAD_TIME)).isGreaterThanOrEqualTo(first + 5);
  }

  private void open(ServingSettings settings) {
    try {
      engine =
          SubtaskEngine.open(
              fakes,
              GenerationSettings.from(new Configuration()),
              settings,
              NativeMemory.of(NativeMemory.UNKNOWN),
              listener.getMetricGroup(),
              "test");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void submit(String id, String prompt) {
    var unused = engine.submit(InferenceRequest.of(id, prompt));
  }

  private void swap(String version) {
    fakes.want(version);
    fakes.load(version);
    while (!engine.modelDigest().equals(version)) {
      engine.checkpointCompleted();
    }
  }

  private Number gauge(LlmMetric metric) {
    return listener.<Number>getGauge("executorch", metric.metricName()).orElseThrow().getValue();
  }
}
