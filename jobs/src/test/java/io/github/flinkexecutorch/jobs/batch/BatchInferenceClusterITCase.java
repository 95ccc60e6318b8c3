package io.github.flinkexecutorch.jobs.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.jobs.FlinkDistribution;
import io.github.flinkexecutorch.jobs.SessionCluster;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.ShadedJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shaded jar on two TaskManagers, one of which is killed in the middle of a run. */
@Tag("full")
class BatchInferenceClusterITCase {
  private static final int FILES = 30;
  private static final int RECORDS = 20;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Map<String, String> SETTINGS =
      Map.of(
          "taskmanager.numberOfTaskSlots", "1",
          "restart-strategy.type", "fixed-delay",
          "restart-strategy.fixed-delay.attempts", "20",
          "restart-strategy.fixed-delay.delay", "1 s",
          "heartbeat.timeout", "10 s",
          "heartbeat.interval", "2 s");

  @TempDir private Path folder;

  @Test
  void shouldCompleteEveryRecordOnceWhenATaskManagerIsKilled() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    List<String> ids = new BatchFiles(input).write(FILES, RECORDS);
    BatchTestRun undisturbed = new BatchTestRun(folder.resolve("undisturbed"));
    BatchTestRun killed = new BatchTestRun(folder.resolve("killed"));
    ExecutorService client = Executors.newSingleThreadExecutor();
    try (SessionCluster cluster =
        new SessionCluster(
            FlinkDistribution.fetch(), folder.resolve("cluster"), SETTINGS, 2, Map.of())) {
      requireSuccess(run(cluster, input, undisturbed));
      Future<Submission> job = client.submit(() -> run(cluster, input, killed));
      await().atMost(LIMIT).until(() -> job.isDone() || killed.completions().size() >= RECORDS);
      cluster.killTaskManager();
      assertThat(killed.completions()).as("at the kill").hasSizeLessThan(ids.size());
      cluster.startTaskManager();
      requireSuccess(job.get());
    } finally {
      client.shutdownNow();
    }

    assertThat(BatchTestRun.ids(killed.completions())).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(BatchTestRun.byId(killed.completions(), "completion"))
        .isEqualTo(BatchTestRun.byId(undisturbed.completions(), "completion"));
    requireRightReport(killed, ids.size());
  }

  /** Counts go on after the restart, and each record counts once. */
  private static void requireRightReport(BatchTestRun run, int records) throws IOException {
    JsonNode report = run.report();
    assertThat(report.get("completions").asInt()).isEqualTo(records);
    assertThat(report.get("generatedTokens").asLong())
        .isEqualTo(
            run.completions().stream()
                .mapToLong(record -> record.get("generated_tokens").asLong())
                .sum());
    assertThat(report.get("coreHours").get("held").asDouble()).isPositive();
  }

  private static Submission run(SessionCluster cluster, Path input, BatchTestRun results)
      throws IOException, InterruptedException {
    List<String> arguments =
        List.of(
            input.toString(),
            "--output=" + results.output(),
            "--model=" + BatchTestRun.TICKETS.resolve("model-batched.pte"),
            "--prompt-template-file=" + BatchTestRun.TICKETS.resolve("prompt-template.txt"),
            "--parallelism=2",
            "--checkpoint-interval=1s",
            // slow enough to be killed in the middle
            "--option=executorch.generation.ignore-eos=true",
            "--option=executorch.generation.max-new-tokens=150",
            "--option=executorch.async.capacity=1",
            "--option=executorch.engine.max-sequences=1");
    return cluster.run(ShadedJar.ofThisBuild().path(), BatchInferenceJob.class, arguments, LIMIT);
  }

  private static void requireSuccess(Submission submission) {
    assertThat(submission.exitCode()).as(submission.output()).isZero();
  }
}
