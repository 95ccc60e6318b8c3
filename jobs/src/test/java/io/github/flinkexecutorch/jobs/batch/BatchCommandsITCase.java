package io.github.flinkexecutorch.jobs.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.DocumentedCommand;
import io.github.flinkexecutorch.jobs.FlinkDistribution;
import io.github.flinkexecutorch.jobs.SessionCluster;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.ShadedJar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Types what docs/batch.md tells to type on a cluster. */
@Tag("full")
class BatchCommandsITCase {
  private static final String PAGE = "docs/batch.md";
  private static final String JOB = BatchInferenceJob.class.getName();
  private static final int RECORDS = 1000;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /**
   * So slow that the job is stopped in the middle. With few places in the operator, because Flink
   * takes no checkpoint while it waits for what is in them at the end of the input.
   */
  private static final String SLOWLY =
      " --option executorch.rate.records-per-second=10 --option executorch.async.capacity=1";

  @TempDir private Path folder;

  @Test
  void shouldStopWithASavepointAndGoOnWithOtherParallelism() throws Exception {
    Path input = Files.createDirectory(folder.resolve("input"));
    List<String> ids = new BatchFiles(input).write(1, RECORDS);
    BatchTestRun results = new BatchTestRun(folder.resolve("output"));
    String jar = ShadedJar.ofThisBuild().path().toString();
    String first = DocumentedCommand.of(PAGE, "flink run -c");
    String goOn = DocumentedCommand.of(PAGE, "flink run -s");
    assertThat(first).startsWith("flink run -c " + JOB + " JAR INPUT ");
    String arguments =
        "--output %s --model %s --checkpoint-interval 1s --prompt-template-file %s "
                .formatted(
                    results.output(),
                    BatchTestRun.TICKETS.resolve("model-batched.pte"),
                    BatchTestRun.TICKETS.resolve("prompt-template.txt"))
            + "--option executorch.generation.max-new-tokens=8";

    ExecutorService client = Executors.newSingleThreadExecutor();
    try (SessionCluster cluster =
        new SessionCluster(FlinkDistribution.fetch(), folder.resolve("cluster"))) {
      String slow =
          first
              .replace("JAR", jar)
              .replace("INPUT", input.toString())
              .replace("--output ... --model ...", arguments + SLOWLY);
      Future<Submission> running = client.submit(() -> cluster.shell(slow));
      await().atMost(LIMIT).until(() -> running.isDone() || !results.completions().isEmpty());
      String savepoint =
          cluster.savepoint(
              DocumentedCommand.of(PAGE, "flink stop")
                  .replace("FOLDER", folder.resolve("savepoints").toString())
                  .replace("JOB", runningJob(cluster)));
      running.get();
      assertThat(results.completions()).as("when it was stopped").hasSizeLessThan(RECORDS);
      Submission second =
          cluster.shell(
              goOn.replace("SAVEPOINT", savepoint)
                  .replace("-p N", "-p 2")
                  .replace("-c ...", "-c " + JOB + " " + jar)
                  .replace("INPUT ...", input + " " + arguments));
      assertThat(second.exitCode()).as(second.output()).isZero();
    } finally {
      client.shutdownNow();
    }

    assertThat(BatchTestRun.ids(results.completions())).containsExactlyInAnyOrderElementsOf(ids);
  }

  private static String runningJob(SessionCluster cluster) throws Exception {
    for (JsonNode job : new ObjectMapper().readTree(cluster.get("/jobs/overview")).get("jobs")) {
      if (job.get("state").asText().equals("RUNNING")) {
        return job.get("jid").asText();
      }
    }
    throw new AssertionError("No job runs");
  }
}
