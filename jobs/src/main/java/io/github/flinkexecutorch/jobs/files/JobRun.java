package io.github.flinkexecutorch.jobs.files;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job that was defined, followed on the screen from its submission to its end. A client that does
 * not wait for its jobs ({@code flink run -d}) only submits.
 *
 * @param job its id
 * @param counts what it has done; a job that was resumed counts what it did before as well
 * @param seconds from the submission to the end
 * @param samples how far it was at some times, ascending
 */
@Internal
public record JobRun(JobID job, Counts counts, double seconds, List<Sample> samples) {
  private static final Logger LOG = LoggerFactory.getLogger(JobRun.class);
  private static final long POLL_MS = 250;

  /**
   * How far a run was.
   *
   * @param seconds since it began
   * @param records finished since then
   */
  public record Sample(double seconds, long records) {}

  /**
   * Runs the job that {@code env} has.
   *
   * @param terminal whether the screen can go back to the beginning of a line
   * @param unit what is counted, in the plural
   * @param total asked once, after the submission
   * @return empty if the environment does not wait for its jobs
   * @throws ExecutionException if the job failed; what it had committed is in the output
   */
  public static Optional<JobRun> follow(
      StreamExecutionEnvironment env,
      String name,
      PrintStream screen,
      boolean terminal,
      String unit,
      Callable<RunTotal> total)
      throws Exception {
    long start = System.nanoTime();
    JobClient job = env.executeAsync(name);
    if (!env.getConfiguration().get(DeploymentOptions.ATTACHED)) {
      screen.println("  Submitted job " + job.getJobID());
      return Optional.empty();
    }
    RunProgress progress = new RunProgress(screen, terminal, unit, known(total), System.nanoTime());
    Counts counts;
    try {
      counts = follow(job, job.getJobExecutionResult(), progress);
    } finally {
      progress.end();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return Optional.of(
        new JobRun(job.getJobID(), counts, seconds, List.copyOf(progress.samples())));
  }

  private static Counts follow(
      JobClient job, CompletableFuture<JobExecutionResult> result, RunProgress progress)
      throws InterruptedException, ExecutionException {
    while (true) {
      try {
        JobExecutionResult ended = result.get(POLL_MS, TimeUnit.MILLISECONDS);
        Counts counts = Counts.of(ended.getAllAccumulatorResults());
        progress.update(counts, System.nanoTime());
        return counts;
      } catch (TimeoutException running) {
        accumulators(job, progress);
      }
    }
  }

  private static void accumulators(JobClient job, RunProgress progress)
      throws InterruptedException {
    try {
      progress.update(Counts.of(job.getAccumulators().get()), System.nanoTime());
    } catch (ExecutionException | IllegalStateException e) { // it has ended; the result says how
      LOG.debug("No accumulators of {}", job.getJobID(), e);
    }
  }

  private static RunTotal known(Callable<RunTotal> total) throws Exception {
    try {
      return total.call();
    } catch (IOException | RuntimeException e) {
      // The cluster may see what this client does not.
      LOG.info("Cannot count the input: {}", e.toString());
      return RunTotal.UNKNOWN;
    }
  }
}
