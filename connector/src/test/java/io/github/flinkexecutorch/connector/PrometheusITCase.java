package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Flink's own Prometheus reporter says of a job, asked for over HTTP while it runs. */
class PrometheusITCase {
  private static final int TICKETS = 40;

  /** Ports that the reporter may take; from one on that is free. */
  private static final int PORTS = 20;

  private static final int FIRST_PORT = freePort();
  private static final AtomicReference<String> SCRAPE = new AtomicReference<>();

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setConfiguration(reporting())
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(1)
              .build());

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldHaveEverythingThatTheDashboardShows() throws Exception {
    List<RecordOrigin> records = new ArrayList<>();
    records.add(Tickets.record(0, "not JSON"));
    records.addAll(Tickets.records(TICKETS / 2));
    records.addAll(Tickets.records(TICKETS / 2)); // again, so that there are prefixes to hit
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    env.enableCheckpointing(3_600_000);
    Tickets.inference(env, Tickets.batchedOptions(), records)
        .completions()
        .map(new ScrapeAtTheLast())
        .sinkTo(new DiscardingSink<>());
    env.execute("tickets");

    Map<String, Double> samples = samples(SCRAPE.get());
    Set<String> names = samples.keySet().stream().map(PrometheusITCase::nameOf).collect(toSet());
    assertThat(names).containsAll(Dashboard.read().metrics());

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

  private static Configuration reporting() {
    Configuration configuration = new Configuration();
    configuration.setString(
        "metrics.reporter.prom.factory.class",
        "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
    configuration.setString(
        "metrics.reporter.prom.port", FIRST_PORT + "-" + (FIRST_PORT + PORTS - 1));
    return configuration;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return Math.min(socket.getLocalPort(), 65535 - PORTS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
   * Asks when the last completion comes by: what is before it is counted, and the job still runs.
   */
  private static final class ScrapeAtTheLast extends RichMapFunction<Completion, Completion> {
    private static final long serialVersionUID = 1L;
    private transient int seen;

    @Override
    public Completion map(Completion completion) throws Exception {
      if (++seen == TICKETS) {
        SCRAPE.set(scrape());
      }
      return completion;
    }

    private static String scrape() throws InterruptedException {
      HttpClient client = HttpClient.newHttpClient();
      IOException failure = null;
      for (int port = FIRST_PORT; port < FIRST_PORT + PORTS; port++) {
        URI metrics = URI.create("http://localhost:" + port + "/metrics");
        try {
          String text =
              client
                  .send(
                      HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                  .body();
          if (text.contains(PrometheusNames.OPERATOR)) {
            return text;
          }
        } catch (IOException e) {
          failure = e; // somebody else's port, or nobody's
        }
      }
      throw new IllegalStateException(
          "No reporter answers from port " + FIRST_PORT + " on", failure);
    }
  }
}
