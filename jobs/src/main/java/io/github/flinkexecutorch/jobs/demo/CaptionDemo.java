package io.github.flinkexecutorch.jobs.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.flinkexecutorch.jobs.captioning.BulkCaptioningJob;
import io.github.flinkexecutorch.jobs.captioning.BulkCaptioningOptions;
import io.github.flinkexecutorch.jobs.captioning.CaptioningSummary;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;

/**
 * The second part of the demo: {@link BulkCaptioningJob} over drawn scenes, whose captions are held
 * against what was drawn.
 *
 * @param scenes folder of the sample model, its images and their truth
 * @param output folder of the demo
 */
record CaptionDemo(Path scenes, Path output, int parallelism, PrintStream out, boolean terminal) {
  private static final int EXAMPLES = 6;

  /** Runs the job and says how good the captions are. */
  boolean run() throws Exception {
    SceneFolder folder = SceneFolder.fill(output.resolve("images"), scenes);
    Path captions = output.resolve("captions");
    FileUtils.deleteDirectory(captions.toFile());
    String[] arguments = {
      folder.path().toString(),
      "--output",
      captions.toString(),
      "--model",
      scenes.resolve("model-batched.pte").toString(),
      "--parallelism",
      Integer.toString(parallelism)
    };
    out.printf(
        "%n%d drawn scenes and %d bad files are captioned.%nThe same on your images:%n"
            + "  bin/caption FOLDER%nThe same job on a cluster:%n  flink run -c %s JAR %s%n%n",
        folder.truth().size(),
        SceneFolder.BAD,
        BulkCaptioningJob.class.getName(),
        String.join(" ", arguments));
    CaptioningSummary summary = caption(arguments);
    SceneScore score = score(captions.resolve("captions.jsonl"), folder);
    CaptionReport report =
        new CaptionReport(
            folder.files(),
            summary.captions(),
            summary.failed(),
            score.attributesRight(),
            score.objectsRight(),
            summary.imagesPerSecond());
    new ObjectMapper()
        .writer(SerializationFeature.INDENT_OUTPUT)
        .writeValue(output.resolve("captions-report.json").toFile(), report);
    show(report, score);
    return report.passed(SceneFolder.BAD);
  }

  private CaptioningSummary caption(String[] arguments) throws Exception {
    Configuration cluster = new Configuration();
    cluster.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(cluster);
    BulkCaptioningOptions options = BulkCaptioningOptions.parse(arguments);
    BulkCaptioningJob.define(env, options);
    return BulkCaptioningJob.run(env, options, out, terminal).orElseThrow();
  }

  private SceneScore score(Path captions, SceneFolder folder) throws IOException {
    SceneReader reader = SceneReader.of(scenes.resolve("vocabulary.json"));
    ObjectMapper json = new ObjectMapper();
    SceneScore total = SceneScore.NONE;
    int shown = 0;
    out.printf("%nThe first %d captions%n", EXAMPLES);
    for (String line : Files.readAllLines(captions)) {
      JsonNode record = json.readTree(line);
      String text = record.get("caption").asText();
      JsonNode truth = folder.truth().get(record.get("id").asText());
      SceneScore score = SceneScore.of(reader.read(text), truth, reader);
      total = total.plus(score);
      if (shown++ < EXAMPLES) {
        out.printf("%n  %s%n  model     %s%n", record.get("id").asText(), text.strip());
        out.printf("  drawn     %s%n", truth.get("caption").asText());
        out.printf("  right     %d of %d%n", score.right(), score.stated());
      }
    }
    return total;
  }

  private void show(CaptionReport report, SceneScore score) {
    out.printf("%nFigures (%s)%n", output.resolve("captions-report.json"));
    out.printf("  images                %d%n", report.images());
    out.printf("  captions              %d%n", report.captions());
    out.printf("  dead letters          %d%n", report.deadLetters());
    out.printf(
        "  stated and right      %.1f %% (%d of %d)%n",
        100 * report.attributesRight(), score.right(), score.stated());
    out.printf(
        "  things named          %.1f %% (%d of %d)%n",
        100 * report.objectsRight(), score.named(), score.things());
    out.printf("  images per second     %.1f%n", report.imagesPerSecond());
    out.printf("  gallery               %s%n", output.resolve("captions").resolve("gallery.html"));
  }
}
