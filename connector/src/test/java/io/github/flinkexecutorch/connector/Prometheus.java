package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A server of Prometheus with the rules of {@link Alerts}. */
final class Prometheus implements AutoCloseable {
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(2); // on a machine that is busy

  private final Process server;
  private final int port;
  private final Path log;
  private final HttpClient client = HttpClient.newHttpClient();

  private Prometheus(Process server, int port, Path log) {
    this.server = server;
    this.port = port;
    this.log = log;
  }

  /**
   * Starts a server that asks one reporter every second, and waits until it answers.
   *
   * @param parent of a new folder for its files
   */
  static Prometheus asking(int reporter, Path parent) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(parent, "prometheus");
    Path configuration =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["%s"]
            scrape_configs:
              - job_name: flink
                static_configs: [{targets: ["localhost:%d"]}]
            """
                .formatted(Alerts.FILE.toAbsolutePath(), reporter));
    int port = FreePorts.one();
    Path log = folder.resolve("prometheus.log");
    Process server =
        new ProcessBuilder(
                PrometheusPackage.program("prometheus"),
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Prometheus prometheus = new Prometheus(server, port, log);
    try {
      await().atMost(LONG_ENOUGH).until(prometheus::isReady);
      return prometheus;
    } catch (RuntimeException | Error e) {
      prometheus.close();
      throw e;
    }
  }

  /** The samples of an expression, as of now. */
  JsonNode samples(String expression) {
    return get("query?query=" + URLEncoder.encode(expression, UTF_8)).get("result");
  }

  /** Waits until an expression has a sample. */
  void awaitSample(String expression) {
    await().atMost(LONG_ENOUGH).until(() -> !samples(expression).isEmpty());
  }

  /** The value of an expression that has one sample. */
  double value(String expression) {
    JsonNode samples = samples(expression);
    if (samples.size() != 1) {
      throw new AssertionError(expression + " is " + samples);
    }
    return Double.parseDouble(samples.at("/0/value/1").asText());
  }

  /** The rules, with what came of evaluating them, once they were. */
  JsonNode rules() {
    await()
        .atMost(LONG_ENOUGH)
        .until(() -> !get("rules").findValuesAsText("health").contains("unknown"));
    return get("rules").at("/groups/0/rules");
  }

  @Override
  public void close() {
    server.destroyForcibly().onExit().join();
  }

  private boolean isReady() throws IOException {
    if (!server.isAlive()) {
      throw new AssertionError("Prometheus has ended:\n" + Files.readString(log));
    }
    try {
      return !get("status/runtimeinfo").isEmpty();
    } catch (UncheckedIOException e) {
      return false; // not yet
    }
  }

  private JsonNode get(String what) {
    URI address = URI.create("http://127.0.0.1:" + port + "/api/v1/" + what);
    try {
      String answer =
          client
              .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      JsonNode json = new ObjectMapper().readTree(answer);
      if (!json.get("status").asText().equals("success")) {
        throw new AssertionError(address + " says: " + answer);
      }
      return json.get("data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
