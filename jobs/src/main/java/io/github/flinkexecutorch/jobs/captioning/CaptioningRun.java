package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.jobs.gallery.Gallery;
import io.github.flinkexecutorch.jobs.gallery.RunFigures;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits a defined job, shows its progress until it ends, and writes the gallery. A client that
 * does not wait for its jobs ({@code flink run -d}) only submits.
 */
final class CaptioningRun {
  private static final Logger LOG = LoggerFactory.getLogger(CaptioningRun.class);
  private static final long POLL_MS = 250;

  private final StreamExecutionEnvironment env;
  private final BulkCaptioningOptions options;
  private final PrintStream screen;
  private final boolean terminal;

  /**
   * @param terminal whether the screen can go back to the beginning of a line
   */
  CaptioningRun(
      StreamExecutionEnvironment env,
      BulkCaptioningOptions options,
      PrintStream screen,
      boolean terminal) {
    this.env = env;
    this.options = options;
    this.screen = screen;
    this.terminal = terminal;
  }

  /**
   * @return what a job has done that was waited for
   * @throws ExecutionException if the job failed; what it had committed is in the output
   */
  Optional<CaptioningSummary> run() throws Exception {
    long start = System.nanoTime();
    JobClient job = env.executeAsync(options.jobName);
    if (!env.getConfiguration().get(DeploymentOptions.ATTACHED)) {
      screen.println("  Submitted job " + job.getJobID());
      return Optional.empty();
    }
    CaptioningProgress progress =
        new CaptioningProgress(screen, terminal, total(), System.nanoTime());
    Counts counts;
    try {
      counts = follow(job, job.getJobExecutionResult(), progress);
    } finally {
      progress.end();
    }
    CaptioningSummary summary = CaptioningSummary.of(counts, (System.nanoTime() - start) / 1e9);
    summary.print(screen);
    removeCheckpoints();
    if (!options.gallery) {
      screen.printf("  Results  %s%n", options.output().folder());
      return Optional.of(summary);
    }
    Gallery.Written written = writeGallery(summary, progress);
    screen.printf("  Captions %s%n  Gallery  %s%n", written.captions(), written.page());
    return Optional.of(summary);
  }

  private Counts follow(
      JobClient job, CompletableFuture<JobExecutionResult> result, CaptioningProgress progress)
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

  private static void accumulators(JobClient job, CaptioningProgress progress)
      throws InterruptedException {
    try {
      progress.update(Counts.of(job.getAccumulators().get()), System.nanoTime());
    } catch (ExecutionException | IllegalStateException e) { // it has ended; the result says how
      LOG.debug("No accumulators of {}", job.getJobID(), e);
    }
  }

  private Gallery.Written writeGallery(CaptioningSummary summary, CaptioningProgress progress)
      throws IOException {
    CaptionOutput output = options.output();
    return Gallery.write(
        new Path(output.folder()),
        output.captionLines(),
        output.deadLetterLines(),
        new RunFigures(
            options.input,
            summary.seconds(),
            summary.imagesPerSecond(),
            summary.tokensPerSecond(),
            shownOptions(),
            progress.samples()));
  }

  private Map<String, String> shownOptions() {
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("input", options.input);
    shown.put("model", options.model().toString());
    shown.put("prompt", options.prompt);
    shown.put("parallelism", Integer.toString(env.getParallelism()));
    return shown;
  }

  private long total() {
    try {
      return options.input().count();
    } catch (IOException | RuntimeException e) { // the cluster may see what this client does not
      LOG.info("Cannot count the images: {}", e.toString());
      return -1;
    }
  }

  /**
   * Of a job that is done Flink leaves empty folders. Where it is still giving up its last
   * checkpoint, some may stay; they are no reason to fail.
   */
  private void removeCheckpoints() {
    Path checkpoints = options.output().checkpoints();
    try {
      checkpoints.getFileSystem().delete(checkpoints, true);
    } catch (IOException e) {
      LOG.info("Cannot remove {}: {}", checkpoints, e.toString());
    }
  }
}
