package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.engine.EngineSharing;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether Prometheus counts each engine once, whoever shares it. */
class EngineSharingITCase {
  private static final int SLOTS = 2;
  private static final int TICKETS = 20;
  private static final String SHARED_BY = PrometheusNames.of(LlmMetric.ENGINE_SHARED_BY);
  private static final FlinkReporter REPORTER = FlinkReporter.onFreePort();
  private static final Map<String, Double> VALUES = new TreeMap<>();

  @TempDir private static Path folder;

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER =
      TestCluster.withSlots(SLOTS, REPORTER.configuration());

  @BeforeEach
  void forgetEarlierTests() {
    VALUES.clear();
  }

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @ParameterizedTest
  @CsvSource({"true, PROCESS, 1", "true, SLOT, 2", "false, PROCESS, 2"})
  void shouldCountEachEngineOnce(boolean batched, EngineSharing sharing, int engines)
      throws Exception {
    Configuration options = batched ? Tickets.batchedOptions() : Tickets.options();
    StreamExecutionEnvironment env = TestCluster.environment(SLOTS, 0);
    Tickets.inference(
            env, options.set(ExecuTorchOptions.ENGINE_SHARING, sharing), Tickets.records(TICKETS))
        .completions()
        .map(new Watch())
        .sinkTo(new DiscardingSink<>());
    env.execute("tickets");

    assertThat(VALUES.get("engines")).isEqualTo(engines);
    assertThat(VALUES.get("pages of one") > 0).isEqualTo(batched);
    assertThat(VALUES.get("pages shown")).isEqualTo(engines * VALUES.get("pages of one"));
  }

  /** Asks once all subtasks are open, while all of them wait. */
  private static final class Watch extends RichMapFunction<Completion, Completion> {
    private static final long serialVersionUID = 1L;

    @Override
    public Completion map(Completion completion) throws Exception {
      synchronized (VALUES) {
        if (VALUES.isEmpty()) {
          ask();
        }
      }
      return completion;
    }

    private static void ask() throws Exception {
      try (Prometheus prometheus = Prometheus.asking(REPORTER.port(), folder)) {
        prometheus.awaitSample("count(" + SHARED_BY + ") == " + SLOTS);
        VALUES.put("engines", prometheus.value("sum(1 / " + SHARED_BY + ")"));
        String pages = PrometheusNames.of(LlmMetric.ENGINE_PAGES);
        VALUES.put("pages of one", prometheus.value("max(" + pages + ")"));
        double shown = 0;
        for (String expression : Dashboard.read().expressionsOf("KV pages")) {
          shown += prometheus.value(Dashboard.sent(expression));
        }
        VALUES.put("pages shown", shown);
      }
    }
  }
}
