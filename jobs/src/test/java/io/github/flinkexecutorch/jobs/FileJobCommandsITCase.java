package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.batch.BatchInferenceJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Types what docs/batch.md tells to type on a cluster. */
@Tag("full")
class FileJobCommandsITCase {
  private static final int RECORDS = 1000;
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * So slow that the job is stopped in the middle. With few places in the operator, because Flink
   * takes no checkpoint while it waits for what is in them at the end of the input.
   */
  private static final String SLOWLY =
      " --option executorch.rate.records-per-second=10 --option executorch.async.capacity=1";

  @TempDir private static Path clusterFolder;

  private static SessionCluster cluster;

  private final ExecutorService clients = Executors.newSingleThreadExecutor();

  @TempDir private Path folder;

  private Path output;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = new SessionCluster(FlinkDistribution.fetch(), clusterFolder);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void nameOutput() {
    output = folder.resolve("output");
  }

  @AfterEach
  void stopClients() {
    clients.shutdownNow();
  }

  @Test
  void shouldStopABatchWithASavepointAndGoOnWithOtherParallelism() throws Exception {
    String page = "docs/batch.md";
    Path input = records();
    Path tickets = DeploymentFiles.SAMPLES.resolve("tickets");
    String arguments =
        arguments(
            tickets,
            "--option executorch.generation.max-new-tokens=8 --prompt-template-file "
                + tickets.resolve("prompt-template.txt"));

    Future<Submission> first = submit(page, BatchInferenceJob.class, input, arguments + SLOWLY);
    String job = jobWithResults(first, "completions");
    String savepoint =
        cluster.savepoint(
            DocumentedCommand.of(page, "flink stop")
                .replace("FOLDER", folder.resolve("savepoints").toString())
                .replace("JOB", job));
    first.get();
    int before = ids("completions").size();
    Submission second =
        cluster.shell(
            goOn(page, BatchInferenceJob.class, input, arguments)
                .replace("SAVEPOINT", savepoint)
                .replace("-p N", "-p 2"));

    assertThat(second.exitCode()).as(second.output()).isZero();
    assertThat(before).isLessThan(RECORDS);
    assertThat(ids("completions"))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, RECORDS).mapToObj(number -> "r-" + number).toList());
  }

  private Path records() throws IOException {
    Path input = Files.createDirectory(folder.resolve("input"));
    Files.write(
        input.resolve("records.jsonl"),
        IntStream.range(0, RECORDS)
            .mapToObj(number -> "{\"id\":\"r-%1$d\",\"message\":\"Order %1$d?\"}".formatted(number))
            .toList());
    return input;
  }

  private String arguments(Path model, String more) {
    return "--output %s --model %s --checkpoint-interval 1s %s"
        .formatted(output, model.resolve("model-batched.pte"), more);
  }

  /** The page's first command, whose client waits for the end of the job. */
  private Future<Submission> submit(String page, Class<?> job, Path input, String arguments)
      throws IOException {
    String command = DocumentedCommand.of(page, "flink run -c");
    assertThat(command).startsWith("flink run -c " + job.getName() + " JAR INPUT ");
    String filled =
        command
            .replace("JAR", ShadedJar.ofThisBuild().path().toString())
            .replace("INPUT", input.toString())
            .replace("--output ... --model ...", arguments);
    return clients.submit(() -> cluster.shell(filled));
  }

  private static String goOn(String page, Class<?> job, Path input, String arguments)
      throws IOException {
    return DocumentedCommand.of(page, "flink run -s")
        .replace("-c ...", "-c " + job.getName() + " " + ShadedJar.ofThisBuild().path())
        .replace("INPUT ...", input + " " + arguments);
  }

  /** The id of the job once it has committed results. */
  private String jobWithResults(Future<Submission> client, String results) throws Exception {
    await().atMost(LIMIT).until(() -> client.isDone() || !ids(results).isEmpty());
    assertThat(client.isDone()).as("ended before it was stopped").isFalse();
    for (JsonNode job : JSON.readTree(cluster.get("/jobs/overview")).get("jobs")) {
      if (job.get("state").asText().equals("RUNNING")) {
        return job.get("jid").asText();
      }
    }
    throw new AssertionError("No job runs");
  }

  /** Of the committed results in a folder of the output. */
  private List<String> ids(String results) throws IOException {
    List<String> ids = new ArrayList<>();
    Path parts = output.resolve(results);
    if (!Files.exists(parts)) {
      return ids;
    }
    List<Path> files;
    try (Stream<Path> found = Files.walk(parts)) {
      files = found.filter(file -> file.getFileName().toString().startsWith("part-")).toList();
    }
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        JsonNode record = JSON.readTree(line);
        ids.add(record.get("id").asText());
      }
    }
    return ids;
  }
}
