package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.SessionCluster;
import io.github.flinkexecutorch.jobs.ShadedJar;
import io.github.flinkexecutorch.jobs.StreamEnrichmentJob;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * {@link StreamEnrichmentJob} without an end, on a topology of processes, with topics of its own.
 * Whatever a test kills, it kills while records wait that have no result yet.
 */
final class RunningJob implements AutoCloseable {
  private static final int CHECKPOINT_INTERVAL_MS = 1000;
  private static final int PARTITIONS = 4;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Topology topology;
  private final JobTopics topics;
  private final Tickets tickets;
  private final Committed committed;
  private final List<String> arguments;
  private String job;

  /** Creates the topics and submits the job, with more arguments. */
  RunningJob(Topology topology, String name, String... more) throws Exception {
    this.topology = topology;
    this.topics = JobTopics.create(topology.broker(), name, PARTITIONS);
    this.tickets = new Tickets(topics);
    this.committed = new Committed(topics);
    this.arguments =
        topics.endlessArguments(
            "--checkpoint-interval",
            CHECKPOINT_INTERVAL_MS + "ms",
            "--parallelism",
            "" + Topology.TASK_MANAGERS);
    arguments.addAll(List.of(more));
    this.job = submit();
  }

  JobTopics topics() {
    return topics;
  }

  Tickets tickets() {
    return tickets;
  }

  Committed committed() {
    return committed;
  }

  /**
   * Waits for a random part of the time between two checkpoints. Results are seen right after the
   * commit of one, and what may go wrong goes wrong between its snapshot and its commit.
   */
  void awaitAnyMoment(Random random) throws InterruptedException {
    Thread.sleep(random.nextInt(CHECKPOINT_INTERVAL_MS));
  }

  /** Kills a TaskManager, which is then started again. */
  void killTaskManager(int number) throws Exception {
    topology.cluster().killTaskManager(number);
    requireUnfinished();
    topology.cluster().startTaskManager();
  }

  /** Kills the JobManager, and submits the job to the next from its last complete checkpoint. */
  void killJobManager() throws Exception {
    SessionCluster cluster = topology.cluster();
    cluster.killJobManager();
    requireUnfinished();
    cluster.startJobManager();
    job = submit("-s", topology.lastCheckpoint(job));
  }

  /** Kills the JobManager and starts another, which knows what to go on with. */
  void replaceJobManager() throws Exception {
    topology.cluster().killJobManager();
    requireUnfinished();
    topology.cluster().startJobManager();
  }

  /** Kills the broker, which is then away for this time. */
  void killBroker(int seconds) throws Exception {
    topology.broker().kill();
    requireUnfinished();
    Thread.sleep(seconds * 1000L);
    topology.broker().startAgain();
  }

  /**
   * Waits until so many more checkpoints are complete, and all of them have been while it works.
   */
  void awaitCheckpoints(int more) throws Exception {
    long before = checkpoints();
    await().atMost(LIMIT).until(() -> checkpoints() >= before + more);
    committed.catchUp();
    requireUnfinished();
  }

  /**
   * Stops the job while it works, with a savepoint, once it has completed what it has read, and
   * goes on from there.
   */
  void drainAndGoOn() throws Exception {
    String savepoint = topology.cluster().stop(job, topology.savepoints(), true);
    job = null;
    committed.catchUp();
    requireUnfinished();
    job = submit("-s", savepoint);
  }

  /**
   * Waits until all that was sent has a result, or no more come, and stops the job.
   *
   * @return what consumers see
   */
  Results finish() throws Exception {
    drain();
    return Results.of(topics);
  }

  /** Likewise, without reading the results. */
  void drain() throws Exception {
    if (!committed.reaches(tickets.sent())) {
      System.err.println("Only " + committed.count() + " of " + tickets.sent() + " have results");
    }
    topology.cluster().stop(job, topology.savepoints(), true);
    job = null;
  }

  /** Ends the job if it is not finished. */
  @Override
  public void close() throws IOException {
    committed.close();
    if (job != null) {
      try {
        topology.cluster().cancel(job);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private String submit(String... options) throws IOException, InterruptedException {
    return topology
        .cluster()
        .start(ShadedJar.ofThisBuild().path(), StreamEnrichmentJob.class, arguments, options);
  }

  private long checkpoints() throws IOException, InterruptedException {
    String answer = topology.cluster().get("/jobs/" + job + "/checkpoints");
    return new ObjectMapper().readTree(answer).at("/counts/completed").asLong();
  }

  private void requireUnfinished() {
    assertThat(committed.count()).as("results in the middle").isLessThan(tickets.sent());
  }
}
