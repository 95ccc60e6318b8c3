package io.github.flinkexecutorch.jobs;

import static java.util.stream.Collectors.joining;

import io.github.flinkexecutorch.jobs.batch.BatchInferenceJob;
import io.github.flinkexecutorch.jobs.batch.BatchInferenceOptions;
import io.github.flinkexecutorch.jobs.captioning.BulkCaptioningJob;
import io.github.flinkexecutorch.jobs.captioning.BulkCaptioningOptions;
import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The page of the jobs' arguments, from the classes that read them. */
final class OptionsPage {
  private static final String HEAD =
      """
      # Options

      Written by `OptionsPageTest` from the code; not edited by hand.

      - The connector has its options, `executorch.*`, in the [README](../README.md#options); a job takes each of them by
        `--option key=value`. A key that begins as these do and is none of them is refused.
      - In SQL they are options of `CREATE MODEL`: [sql.md](sql.md).
      - Each job takes the arguments below; `--help` prints them. `--name value` and `--name=value` mean the same.
      - [batch.md](batch.md) and [captioning.md](captioning.md) say how to run the jobs on files and images.
      """;

  private OptionsPage() {}

  static String text() throws ReflectiveOperationException {
    return HEAD
        + section(StreamEnrichmentJob.class, StreamEnrichmentOptions.class)
        + section(BatchInferenceJob.class, BatchInferenceOptions.class)
        + section(BulkCaptioningJob.class, BulkCaptioningOptions.class);
  }

  private static String section(Class<?> job, Class<?> options)
      throws ReflectiveOperationException {
    Constructor<?> constructor = options.getDeclaredConstructor();
    constructor.setAccessible(true);
    CommandSpec command = new CommandLine(constructor.newInstance()).getCommandSpec();
    return "\n## "
        + job.getSimpleName()
        + "\n\n"
        + String.join(" ", command.usageMessage().description())
        + "\n\n| Argument | Required | Default | Description |\n| --- | --- | --- | --- |\n"
        + command.positionalParameters().stream()
            .map(argument -> row(argument.paramLabel(), argument))
            .collect(joining())
        + command.options().stream()
            .filter(option -> !option.usageHelp() && !option.versionHelp())
            .map(option -> row(name(option), option))
            .collect(joining());
  }

  private static String name(OptionSpec option) {
    if (option.negatable()) {
      return option.longestName().replace("--", "--[no-]");
    }
    return option.arity().max() == 0
        ? option.longestName()
        : option.longestName() + " " + label(option);
  }

  private static String label(OptionSpec option) {
    String label = option.paramLabel();
    return label.startsWith("<") ? label : "<" + label + ">";
  }

  private static String row(String name, ArgSpec argument) {
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            name,
            argument.required() && argument.group() == null ? "yes" : "no",
            defaultOf(argument),
            String.join(" ", argument.description()).replace("|", "\\|").replace("<", "&lt;"));
  }

  private static String defaultOf(ArgSpec argument) {
    Object value = argument.initialValue();
    boolean empty =
        value == null
            || (value instanceof Collection<?> list && list.isEmpty())
            || (value instanceof Map<?, ?> map && map.isEmpty());
    if (argument.defaultValue() != null && !argument.defaultValue().startsWith("${")) {
      return "`" + argument.defaultValue() + "`";
    }
    if (empty || argument.defaultValue() != null) {
      return "none";
    }
    return "`"
        + (value instanceof Duration duration
            ? TimeUtils.formatWithHighestUnit(duration)
            : value.toString())
        + "`";
  }
}
