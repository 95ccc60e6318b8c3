package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.jobs.files.JobRun;
import io.github.flinkexecutorch.jobs.files.OwnCheckpoints;
import io.github.flinkexecutorch.jobs.files.RunTotal;
import io.github.flinkexecutorch.jobs.gallery.Gallery;
import io.github.flinkexecutorch.jobs.gallery.RunFigures;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Follows a defined job until it ends, and writes the gallery. */
final class CaptioningRun {
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
   * @throws java.util.concurrent.ExecutionException if the job failed; what it had committed is in
   *     the output
   */
  Optional<CaptioningSummary> run() throws Exception {
    Optional<JobRun> ended =
        JobRun.follow(
            env,
            options.jobName,
            screen,
            terminal,
            "images",
            () -> RunTotal.of(options.input().count(options.maxRecordBytes())));
    if (ended.isEmpty()) {
      return Optional.empty();
    }
    CaptioningSummary summary = CaptioningSummary.of(ended.get());
    summary.print(screen);
    OwnCheckpoints.remove(env);
    if (!options.gallery) {
      screen.printf("  Results  %s%n", options.output().folder().location());
      return Optional.of(summary);
    }
    Gallery.Written written = writeGallery(summary, ended.get().samples());
    screen.printf("  Captions %s%n  Gallery  %s%n", written.captions(), written.page());
    return Optional.of(summary);
  }

  private Gallery.Written writeGallery(CaptioningSummary summary, List<JobRun.Sample> samples)
      throws IOException {
    CaptionOutput output = options.output();
    return Gallery.write(
        output.folder().path(),
        output.captionLines(),
        output.deadLetterLines(),
        new RunFigures(
            options.input,
            summary.seconds(),
            summary.imagesPerSecond(),
            summary.tokensPerSecond(),
            shownOptions(),
            samples.stream()
                .map(sample -> new RunFigures.Progress(sample.seconds(), sample.records()))
                .toList()));
  }

  private Map<String, String> shownOptions() {
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("input", options.input);
    shown.put("model", options.model().toString());
    shown.put("prompt", options.prompt);
    shown.put("parallelism", Integer.toString(env.getParallelism()));
    return shown;
  }
}
