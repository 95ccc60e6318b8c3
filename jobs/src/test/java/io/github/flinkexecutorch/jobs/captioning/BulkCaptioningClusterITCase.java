package io.github.flinkexecutorch.jobs.captioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.FlinkDistribution;
import io.github.flinkexecutorch.jobs.SessionCluster;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.ShadedJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar on a cluster of processes, one of which is killed in the middle of a run. {@code
 * -Dcaptioning.scenes=FOLDER} makes it a long run of the sample model over the scenes that {@code
 * flink_executorch_models.scenes.samples} has drawn there, whose memory is looked at as well.
 */
class BulkCaptioningClusterITCase {
  /** So many that their captions take much longer than the first that are committed. */
  private static final int IMAGES = 1500;

  private static final String SCENES = System.getProperty("captioning.scenes");
  private static final boolean LONG = SCENES != null;
  private static final Duration LIMIT = Duration.ofMinutes(LONG ? 60 : 5);
  private static final double MOST_GROWTH = 1.15;

  @TempDir private Path folder;

  private final List<Long> rss = new ArrayList<>(); // of the second TaskManager, in KiB

  @Test
  void shouldCaptionEveryImageExactlyOnceWhenTaskManagerIsKilled() throws Exception {
    ImageFolder images = ImageFolder.at(folder.resolve("images"));
    List<String> good = LONG ? images.copyAll(Path.of(SCENES, "images")) : images.draw(IMAGES);
    Map<String, String> bad = images.addBad(folder.resolve("outside"));
    CaptioningTestRun results = new CaptioningTestRun(folder.resolve("output"));
    ExecutorService client = Executors.newSingleThreadExecutor();
    Map<String, String> settings =
        Map.of(
            "restart-strategy.type", "fixed-delay",
            "restart-strategy.fixed-delay.attempts", "20",
            "restart-strategy.fixed-delay.delay", "1 s",
            "heartbeat.timeout", "10 s",
            "heartbeat.interval", "2 s");
    try (SessionCluster cluster =
        new SessionCluster(FlinkDistribution.fetch(), folder.resolve("cluster"), settings)) {
      Future<Submission> job =
          client.submit(
              () ->
                  cluster.run(
                      ShadedJar.ofThisBuild().path(),
                      BulkCaptioningJob.class,
                      arguments(images, results),
                      LIMIT));
      await().atMost(LIMIT).until(() -> job.isDone() || !results.captions().isEmpty());
      assertThat(job.isDone()).as("done before it was killed").isFalse();
      cluster.killTaskManager();
      int before = results.captions().size();
      cluster.startTaskManager();
      while (!job.isDone()) {
        rss.add(residentKilobytes(cluster.taskManagerPid()));
        Thread.sleep(500);
      }

      Submission result = job.get();
      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(before).as("captions before the kill").isLessThan(good.size());
      assertThat(restoredCheckpoints(cluster)).as("restarts from a checkpoint").isPositive();
      assertThat(result.output()).contains("gallery.html");
    } finally {
      client.shutdownNow();
    }
    assertThat(CaptioningTestRun.ids(results.captions()))
        .as("every image once")
        .containsExactlyInAnyOrderElementsOf(good);
    assertThat(results.deadLetters()).hasSize(bad.size());
    assertThat(CaptioningTestRun.byId(results.deadLetters(), "kind")).isEqualTo(bad);
    if (LONG) {
      assertThat(most(3)).as("RSS of the last quarter").isLessThan((long) (MOST_GROWTH * most(1)));
    }
  }

  private static List<String> arguments(ImageFolder images, CaptioningTestRun results) {
    if (LONG) {
      return List.of(
          images.path().toString(),
          "--output=" + results.output(),
          "--model=" + Path.of("../sample-data/scenes/model-batched.pte").toAbsolutePath(),
          "--checkpoint-interval=1s",
          "--parallelism=2");
    }
    return results.arguments( // slow enough to be killed in the middle
        images.path().toString(),
        "--checkpoint-interval=1s",
        "--parallelism=2",
        "--option=executorch.generation.max-new-tokens=150",
        "--option=executorch.async.capacity=1",
        "--option=executorch.engine.max-sequences=1");
  }

  private static int restoredCheckpoints(SessionCluster cluster) throws Exception {
    ObjectMapper json = new ObjectMapper();
    JsonNode jobs = json.readTree(cluster.get("/jobs/overview")).required("jobs");
    String id = jobs.get(0).required("jid").asText();
    return json.readTree(cluster.get("/jobs/" + id + "/checkpoints"))
        .required("counts")
        .required("restored")
        .asInt();
  }

  /** Most memory in a quarter, from 0 on, of the time after the kill. */
  private long most(int quarter) {
    return rss.subList(quarter * rss.size() / 4, (quarter + 1) * rss.size() / 4).stream()
        .mapToLong(Long::longValue)
        .max()
        .orElseThrow();
  }

  private static long residentKilobytes(long pid) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    }
  }
}
