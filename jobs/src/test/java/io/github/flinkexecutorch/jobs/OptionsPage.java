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

/** Writes the jobs' arguments in docs/options.md, from the classes that read them. */
final class OptionsPage {
  private static final String BEGIN = "<!-- arguments -->\n";
  private static final String END = "<!-- /arguments -->\n";

  private OptionsPage() {}

  /** The page with the arguments as the code says them now. */
  static String updated(String page) throws ReflectiveOperationException {
    return page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
        + section(StreamEnrichmentJob.class, StreamEnrichmentOptions.class)
        + section(BatchInferenceJob.class, BatchInferenceOptions.class)
        + section(BulkCaptioningJob.class, BulkCaptioningOptions.class)
        + page.substring(page.indexOf(END));
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
