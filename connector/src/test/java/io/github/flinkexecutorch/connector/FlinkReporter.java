package io.github.flinkexecutorch.connector;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.flink.configuration.Configuration;

/**
 * Flink's Prometheus reporter in the cluster of a test, on one of some ports.
 *
 * @param firstPort free when it was looked for
 */
record FlinkReporter(int firstPort) {
  private static final int PORTS = 20;

  static FlinkReporter onFreePort() {
    return new FlinkReporter(FreePorts.row(PORTS));
  }

  /** What a cluster needs to have it. */
  Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.setString(
        "metrics.reporter.prom.factory.class",
        "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
    configuration.setString(
        "metrics.reporter.prom.port", firstPort + "-" + (firstPort + PORTS - 1));
    return configuration;
  }

  /** The port that it has taken, while a job runs. */
  int port() throws InterruptedException {
    IOException failure = null;
    for (int port = firstPort; port < firstPort + PORTS; port++) {
      try {
        if (scrape(port).contains(PrometheusNames.OPERATOR)) {
          return port;
        }
      } catch (IOException e) {
        failure = e; // somebody else's port, or nobody's
      }
    }
    throw new IllegalStateException("No reporter answers from port " + firstPort + " on", failure);
  }

  /** All that it says, while a job runs. */
  String scrape() throws IOException, InterruptedException {
    return scrape(port());
  }

  private static String scrape(int port) throws IOException, InterruptedException {
    URI metrics = URI.create("http://localhost:" + port + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
