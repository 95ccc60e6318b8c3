package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What Flink's own reporter says of a job while it runs, and what Prometheus makes of it. */
class PrometheusITCase {
  private static final int TICKETS = 40;

  private static final FlinkReporter REPORTER = FlinkReporter.onFreePort();
  private static final Map<String, JsonNode> SHOWN = new ConcurrentHashMap<>();

  @TempDir private static Path folder;

  private static volatile Prometheus prometheus;
  private static volatile String scrape;
  private static volatile JsonNode rules;

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER =
      TestCluster.withSlots(1, REPORTER.configuration());

  @AfterEach
  void shouldReleaseEverything() {
    if (prometheus != null) {
      prometheus.close();
    }
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldHaveWhatTheDashboardShowsAndAlertsAreAbout() throws Exception {
    List<RecordOrigin> records = new ArrayList<>(Tickets.records(TICKETS / 2));
    records.add(Tickets.record(0, "not JSON"));
    records.addAll(Tickets.records(TICKETS / 2)); // again, so that there are prefixes to hit
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    env.enableCheckpointing(3_600_000);
    // So few at once that most of them come after Prometheus has asked first.
    Configuration options = Tickets.batchedOptions().set(ExecuTorchOptions.CAPACITY, 4);
    Tickets.inference(env, options, records)
        .completions()
        .map(new Watch())
        .sinkTo(new DiscardingSink<>());
    env.execute("tickets");

    Map<String, Double> samples = samples(scrape);
    Set<String> names = samples.keySet().stream().map(PrometheusITCase::nameOf).collect(toSet());
    assertThat(names).containsAll(Dashboard.read().metrics());
    Set<String> asked =
        Alerts.rules().stream()
            .flatMap(rule -> PrometheusNames.in(rule.expression()).stream())
            .filter(name -> !name.equals(PrometheusNames.LAG)) // there is no Kafka here
            .collect(toSet());
    assertThat(names).containsAll(asked);

    assertThat(SHOWN).hasSameSizeAs(Set.copyOf(Dashboard.read().expressions()));
    assertThat(SHOWN).allSatisfy((expression, shown) -> assertThat(shown).isNotEmpty());
    assertThat(rules).hasSameSizeAs(Alerts.rules());
    assertThat(rules)
        .allSatisfy(rule -> assertThat(rule.get("health").asText()).as("%s", rule).isEqualTo("ok"));

    assertThat(value(samples, LlmMetric.COMPLETIONS)).isEqualTo(TICKETS);
    assertThat(value(samples, LlmMetric.FAILURES, "kind=\"MALFORMED\"")).isEqualTo(1);
    assertThat(value(samples, LlmMetric.FAILURES, "kind=\"TIMEOUT\"")).isZero();
    assertThat(value(samples, LlmMetric.GENERATED_TOKENS)).isGreaterThan(TICKETS);
    assertThat(value(samples, LlmMetric.REQUEST_TIME, "quantile=\"0.99\"")).isPositive();
    assertThat(value(samples, LlmMetric.PREFIX_HITS)).isPositive();
    assertThat(value(samples, LlmMetric.ENGINE_ROWS))
        .isGreaterThan(value(samples, LlmMetric.ENGINE_STEPS));
    assertThat(value(samples, LlmMetric.ENGINE_STEP_ROWS)).isGreaterThan(1);
    assertThat(value(samples, LlmMetric.ENGINE_PAGES)).isPositive();
    assertThat(value(samples, LlmMetric.NATIVE_RSS_BYTES)).isGreaterThan(1 << 20);
  }

  /** Values by name and labels, {@code name{label="value",} 1.0} a line. */
  private static Map<String, Double> samples(String scrape) {
    return scrape
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(" (?=[^ ]+$)", -1))
        .collect(toMap(sample -> sample[0], sample -> Double.valueOf(sample[1]), (a, b) -> b));
  }

  private static String nameOf(String sample) {
    return sample.replaceFirst("\\{.*", "");
  }

  /** The value of a metric that is there once, for these labels. */
  private static double value(Map<String, Double> samples, LlmMetric metric, String... labels) {
    List<Double> values =
        samples.entrySet().stream()
            .filter(sample -> nameOf(sample.getKey()).equals(PrometheusNames.of(metric)))
            .filter(sample -> List.of(labels).stream().allMatch(sample.getKey()::contains))
            .map(Map.Entry::getValue)
            .toList();
    assertThat(values).as("%s %s", metric, List.of(labels)).hasSize(1);
    return values.get(0);
  }

  /**
   * Has Prometheus ask from the first completion on until the last is counted, while the job waits.
   */
  private static final class Watch extends RichMapFunction<Completion, Completion> {
    private static final long serialVersionUID = 1L;
    private transient int seen;

    @Override
    public Completion map(Completion completion) throws Exception {
      seen++;
      String completions = PrometheusNames.of(LlmMetric.COMPLETIONS);
      if (seen == 1) {
        prometheus = Prometheus.asking(REPORTER.port(), folder);
        prometheus.awaitSample(completions);
      } else if (seen == TICKETS) {
        prometheus.awaitSample(completions + " == " + TICKETS);
        scrape = REPORTER.scrape();
        for (String expression : Dashboard.read().expressions()) {
          SHOWN.put(expression, prometheus.samples(Dashboard.sent(expression)));
        }
        rules = prometheus.rules();
      }
      return completion;
    }
  }
}
