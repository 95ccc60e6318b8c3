package io.github.flinkexecutorch.connector;

import java.io.Serializable;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * A language model for rows, as SQL has them: columns of text and of images in, outcomes out. On
 * the same engines, with the same settings, limits and metrics as {@link LlmInference} and {@link
 * ImageReading}, and so with the same completions. Immutable; the model's files are opened where
 * the job runs.
 */
@Internal
public final class RowInference implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Configuration options;
  private final GenerationSettings settings;
  private final ServingSettings serving;
  private final EngineFactory engines;
  private final List<String> texts;
  private final List<String> images;

  /**
   * Checks the options.
   *
   * @param options those that say something about the model, its prompts and its images
   * @param texts names of the columns of text; the prompt template knows them by these
   * @param images names of the columns of images
   * @throws IllegalArgumentException if an option is missing or cannot work, or does not go with
   *     the columns
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if a generation option is out of
   *     its range
   */
  public RowInference(Configuration options, List<String> texts, List<String> images) {
    this(options, texts, images, new ModelEngineFactory(options));
  }

  RowInference(
      Configuration options, List<String> texts, List<String> images, EngineFactory engines) {
    this.options = new Configuration(options);
    this.settings = GenerationSettings.from(options);
    this.serving = ServingSettings.from(options);
    this.engines = engines;
    this.texts = List.copyOf(texts);
    this.images = List.copyOf(images);
    new RowReader(options, texts, images);
    ImageReader.limits(options);
    new ImageReferences(options).close();
  }

  /**
   * Loads the model for a subtask, and waits for it.
   *
   * @param operator group of the operator's metrics
   * @throws SuppressRestartsException if the model can never be loaded here
   */
  public RowSubtask open(MetricGroup operator, TaskInfo task) throws Exception {
    if (images.isEmpty()) {
      return open(operator, task, null);
    }
    return open(
        operator, task, new ImageReader(options, settings.images(), new ImageMetrics(operator)));
  }

  /** Owns the reader, {@code null} for rows without images: closes it if there is no subtask. */
  RowSubtask open(MetricGroup operator, TaskInfo task, ImageReader reader) throws Exception {
    int subtask = task.getIndexOfThisSubtask();
    int attempt = task.getAttemptNumber();
    boolean opened = false;
    try {
      if (reader != null) {
        reader.check();
      }
      String name = "sql-" + subtask + "-" + attempt;
      NativeMemory memory = NativeMemory.of(NativeMemory.UNKNOWN);
      SubtaskEngine engine = SubtaskEngine.open(engines, settings, serving, memory, operator, name);
      opened = true;
      return new RowSubtask(
          new RowReader(options, texts, images),
          reader,
          engine,
          new Outcomes(null, subtask, attempt, settings.maxCompletionBytes()),
          LlmMetric.SKIPPED.counterIn(operator),
          Timer.ofSystem("llm-limit-" + name));
    } finally {
      if (!opened && reader != null) {
        reader.close();
      }
    }
  }
}
