package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.connector.FreePorts;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.demo.Topic;
import io.github.flinkexecutorch.jobs.faults.BrokerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A standalone cluster as docs/deployment.md tells to make it, of the processes that
 * docker-compose.yml has: a broker, a JobManager and two TaskManagers, each with what the image
 * has: the connector in lib/, Prometheus's reporter, logs in JSON. On it runs the page's job, from
 * the jar that brings the connector once more.
 */
class StandaloneClusterITCase {
  private static final int TICKETS = 20;
  private static final int TASK_MANAGERS = 2;
  private static final int PORTS = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private DeploymentPage page;
  private int firstPort;
  private BrokerProcess broker;
  private SessionCluster cluster;

  @BeforeEach
  void start() throws Exception {
    page = DeploymentPage.read();
    firstPort = FreePorts.row(PORTS);
    broker = BrokerProcess.start(folder.resolve("broker"));
    cluster = new SessionCluster(distribution(), folder, settings(), TASK_MANAGERS, Map.of());
  }

  @AfterEach
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
    broker.close();
  }

  @Test
  void shouldRunTheJobAndBeSeenByPrometheusAndInTheLog() throws Exception {
    broker.createTopics(2, "requests", "completions", "stats", "dead-letters");
    produceTickets();
    for (int submission = 1; submission <= 2; submission++) {
      Submission job =
          cluster.run(
              ShadedJar.ofThisBuild().path(),
              StreamEnrichmentJob.class,
              arguments("group-" + submission));
      assertThat(job.exitCode()).as(job.output()).isZero();
      assertThat(Topic.readCommitted(broker.clientProperties(), "completions"))
          .hasSize(submission * TICKETS);
    }

    for (long taskManager : cluster.taskManagerPids()) {
      assertThat(nativesOf(taskManager)).hasSize(1);
    }
    assertThat(healthy("jobmanager", 8081, cluster.restPort())).isTrue();
    assertThat(IntStream.range(firstPort, firstPort + PORTS).boxed())
        .filteredOn(port -> healthy("taskmanager", 9249, port))
        .hasSize(TASK_MANAGERS);
    List<JsonNode> log = log();
    assertThat(log)
        .filteredOn(line -> line.has("executorch-operator"))
        .hasSize(4)
        .allSatisfy(
            line -> {
              assertThat(line.get("message").asText()).contains("is ready");
              assertThat(line.get("executorch-job").asText()).isEqualTo("stream-enrichment");
              assertThat(line.has("flink-job-id")).isTrue();
            });
  }

  private void produceTickets() throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (JsonNode ticket : JobTopics.tickets(TICKETS)) {
      records.add(new ProducerRecord<>("requests", ticket.toString().getBytes(UTF_8)));
    }
    broker.produce(records);
  }

  /** The page's arguments, with the places of this machine, for a job that ends. */
  private List<String> arguments(String group) throws IOException {
    List<String> arguments = DeploymentPage.jobArguments(page.command("bin/flink run"));
    arguments.replaceAll(
        word ->
            word.replace("kafka:9092", broker.bootstrapServers())
                .replace("/models/", DeploymentFiles.ROOT.resolve("sample-data") + "/"));
    arguments.addAll(List.of("--bounded", "--parallelism", "2", "--group-id", group));
    return arguments;
  }

  /** The distribution after the page's commands that copy. */
  private FlinkDistribution distribution() throws Exception {
    Path flink = FlinkDistribution.fetch().home();
    Path home = Files.createDirectory(folder.resolve("flink"));
    copy(flink.resolve("bin"), home.resolve("bin"));
    copy(flink.resolve("conf"), home.resolve("conf"));
    link(flink.resolve("lib"), home.resolve("lib"));
    link(flink.resolve("opt"), home.resolve("opt"));
    // The Python packages have no plugins, the distribution has this one.
    link(Path.of("target/plugins"), home.resolve("plugins/metrics-prometheus"));
    for (DeploymentFiles.Copied copied : DeploymentFiles.image()) {
      Path source = copied.source();
      Files.createSymbolicLink(home.resolve(source.getFileName()), source);
    }
    for (String command : page.commands()) {
      if (command.startsWith("cp ")) {
        assertThat(bash(home, command)).as(command).isZero();
      }
    }
    return new FlinkDistribution(home);
  }

  /** The page's settings, but those for memory, which this cluster has fitting ones of. */
  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    DeploymentFiles.parseYaml(page.settings())
        .properties()
        .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
    settings.keySet().removeIf(key -> key.contains(".memory."));
    settings.put("taskmanager.numberOfTaskSlots", "1"); // so that the job needs both
    settings.put("metrics.reporter.prom.port", firstPort + "-" + (firstPort + PORTS - 1));
    settings.put("execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString());
    return settings;
  }

  /** Whether a container's check of its health succeeds, with the port that is used here. */
  private boolean healthy(String service, int port, int here) {
    try {
      String check =
          DeploymentFiles.yaml("docker-compose.yml")
              .at("/services/" + service + "/healthcheck/test/3")
              .asText();
      return bash(folder, check.replace("localhost/" + port, "localhost/" + here)) == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every line of the log files of both processes. */
  private List<JsonNode> log() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> logs = Files.list(folder.resolve("log"))) {
      files = logs.filter(file -> file.toString().endsWith(".log")).toList();
    }
    for (Path file : files) {
      if (file.toString().contains("-client-")) {
        continue; // the command line's own configuration
      }
      for (String line : Files.readAllLines(file)) {
        lines.add(JSON.readTree(line));
      }
    }
    return lines;
  }

  /** The files that a process has its copy of the runtime from. */
  private static List<String> nativesOf(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/maps")).stream()
        .filter(line -> line.endsWith("/libexecutorch.so"))
        .map(line -> line.replaceFirst(".* ", ""))
        .distinct()
        .toList();
  }

  private static int bash(Path folder, String command) throws IOException {
    Process process =
        new ProcessBuilder("bash", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.onExit().join().exitValue();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path file : filesOf(from)) {
      Files.copy(file, to.resolve(file.getFileName()));
    }
  }

  private static void link(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path file : filesOf(from)) {
      Files.createSymbolicLink(to.resolve(file.getFileName()), file.toAbsolutePath());
    }
  }

  private static List<Path> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
