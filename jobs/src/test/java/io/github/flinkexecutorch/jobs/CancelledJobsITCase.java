package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many jobs, each with a class loader of its own, cancelled in one TaskManager. */
@Tag("full")
class CancelledJobsITCase {
  private static final int ROUNDS = Integer.getInteger("cancelled.jobs", 50);
  private static final int WARM = ROUNDS / 3;
  private static final double MOST_GROWTH = 1.15;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  /** What the TaskManager has, between two jobs. */
  private record Usage(int threads, long residentKilobytes) {}

  @Test
  void shouldLeaveNothingBehindInTheTaskManager() throws Exception {
    ExecutorService client = Executors.newSingleThreadExecutor();
    List<Usage> usage = new ArrayList<>();
    try (LocalBroker broker = LocalBroker.start();
        SessionCluster cluster = new SessionCluster(FlinkDistribution.fetch(), folder)) {
      JobTopics topics = topicsWithTickets(broker);
      List<String> arguments = new ArrayList<>(topics.batchedArguments("--parallelism=2"));
      arguments.remove("--bounded");
      for (int round = 0; round < ROUNDS; round++) {
        Future<Submission> job =
            client.submit(
                () ->
                    cluster.run(
                        ShadedJar.ofThisBuild().path(), StreamEnrichmentJob.class, arguments));
        String id = awaitGenerating(cluster, job);
        cluster.cancel(id);
        await().atMost(LIMIT).until(() -> state(cluster, id).equals("CANCELED"));
        job.get();
        collectGarbage(cluster.taskManagerPid());
        usage.add(usageOf(cluster.taskManagerPid()));
      }

      assertThat(cluster.taskManagerAlive()).isTrue();
      // Threads of the last job may still be about to end.
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> requireLittle(cluster.taskManagerPid(), usage.get(WARM)));
    } finally {
      client.shutdownNow();
    }
  }

  private static void requireLittle(long pid, Usage warm) throws Exception {
    collectGarbage(pid);
    String objects = histogram(pid);
    assertThat(count(objects, "org.apache.flink.util.ChildFirstClassLoader"))
        .as("class loaders of jobs")
        .isLessThanOrEqualTo(2);
    for (String natives : List.of("Program", "ProgramModule", "KvPages")) {
      assertThat(count(objects, "io.github.flinkexecutorch.runtime." + natives))
          .as(natives)
          .isLessThanOrEqualTo(2);
    }
    Usage now = usageOf(pid);
    assertThat(now.threads()).as("threads, after %s", warm).isLessThanOrEqualTo(warm.threads() + 5);
    assertThat((double) now.residentKilobytes())
        .as("resident, after %s", warm)
        .isLessThan(MOST_GROWTH * warm.residentKilobytes());
  }

  private static JobTopics topicsWithTickets(LocalBroker broker) throws Exception {
    JobTopics topics = JobTopics.create(broker, "cancelled", 2);
    List<JsonNode> tickets = JobTopics.tickets(1000);
    broker.produce(
        tickets.stream()
            .map(
                ticket ->
                    new ProducerRecord<byte[], byte[]>(
                        topics.requests(), ticket.toString().getBytes(StandardCharsets.UTF_8)))
            .toList());
    return topics;
  }

  /** Until all tasks of the one job that is not over run, so that their models are loaded. */
  private static String awaitGenerating(SessionCluster cluster, Future<Submission> job)
      throws Exception {
    List<String> running = new ArrayList<>();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              for (JsonNode each : JSON.readTree(cluster.get("/jobs/overview")).get("jobs")) {
                JsonNode tasks = each.get("tasks");
                if (each.get("state").asText().equals("RUNNING")
                    && tasks.get("running").asInt() == tasks.get("total").asInt()) {
                  running.add(each.get("jid").asText());
                }
              }
              return !running.isEmpty() || job.isDone();
            });
    assertThat(running)
        .as("ended by itself: " + (running.isEmpty() ? job.get().output() : ""))
        .isNotEmpty();
    return running.get(0);
  }

  private static String state(SessionCluster cluster, String job) throws Exception {
    return JSON.readTree(cluster.get("/jobs/" + job)).path("state").asText();
  }

  private static void collectGarbage(long pid) throws Exception {
    jcmd(pid, "GC.run");
  }

  private static String histogram(long pid) throws Exception {
    return jcmd(pid, "GC.class_histogram");
  }

  private static int count(String histogram, String type) {
    return Pattern.compile("(?m)^ *\\d+: +(\\d+) +\\d+ +" + Pattern.quote(type) + "( |$)")
        .matcher(histogram)
        .results()
        .mapToInt(line -> Integer.parseInt(line.group(1)))
        .sum();
  }

  private static String jcmd(long pid, String command) throws Exception {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                "" + pid,
                command)
            .redirectErrorStream(true)
            .start();
    String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jcmd.waitFor()).as(output).isZero();
    return output;
  }

  private static Usage usageOf(long pid) throws IOException {
    List<String> status = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
    return new Usage((int) number(status, "Threads:"), number(status, "VmRSS:"));
  }

  private static long number(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
