package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;

/** Writes the tables of the README, and parts of other pages, from the code that they describe. */
public final class ReadmeTables {
  private static final List<ConfigOption<?>> REQUIRED =
      List.of(ExecuTorchOptions.MODEL_PATH, ExecuTorchOptions.TOKENIZER_PATH);

  /** Those that most jobs set. */
  private static final Set<String> USUAL =
      Stream.of(
              ExecuTorchOptions.MODEL_PATH,
              ExecuTorchOptions.TOKENIZER_PATH,
              ExecuTorchOptions.ENGINE_MAX_SEQUENCES,
              ExecuTorchOptions.ENGINE_KV_CACHE_SIZE,
              ExecuTorchOptions.ENGINE_MEMORY_LIMIT,
              ExecuTorchOptions.TEMPERATURE,
              ExecuTorchOptions.MAX_NEW_TOKENS,
              ExecuTorchOptions.CAPACITY,
              ExecuTorchOptions.TIME_LIMIT,
              ExecuTorchOptions.FAILURE_POLICY,
              ExecuTorchOptions.CRASH_JOURNAL_FOLDER,
              ExecuTorchOptions.PROMPT_TEMPLATE,
              ExecuTorchOptions.CHAT,
              ExecuTorchOptions.CONTEXT_OVERFLOW,
              ExecuTorchOptions.IMAGE_ROOTS)
          .map(option -> code(option.key()))
          .collect(toSet());

  private ReadmeTables() {}

  /** The README with each of its generated tables as the code says it now. */
  static String updated(String readme) {
    String text =
        replace(
            readme, "options", optionTable(options().filter(row -> USUAL.contains(row.get(0)))));
    text = replace(text, "metrics", table(List.of("Metric", "Type", "Description"), metrics()));
    return replace(text, "failure-kinds", table(List.of("Kind", "Meaning"), failureKinds()));
  }

  /** docs/options.md with the table of every option as the code says it now. */
  static String updatedOptions(String page) {
    return replace(page, "options", optionTable(options()));
  }

  private static String optionTable(Stream<List<String>> options) {
    return table(List.of("Option", "Required", "Default", "Type", "Description"), options);
  }

  /** The page with what the marks of this name enclose replaced. */
  public static String replace(String readme, String name, String table) {
    String begin = "<!-- " + name + " -->\n";
    String end = "\n<!-- /" + name + " -->";
    int from = readme.indexOf(begin) + begin.length();
    int to = readme.indexOf(end, from - 1);
    if (from < begin.length() || to < 0) {
      throw new IllegalArgumentException("The page has no place for the table " + name);
    }
    return readme.substring(0, from) + table + readme.substring(to);
  }

  private static Stream<List<String>> options() {
    return optionsOf(ExecuTorchOptions.class);
  }

  /** Key, required, default, type and description of each option of a class. */
  public static Stream<List<String>> optionsOf(Class<?> options) {
    return Arrays.stream(options.getFields())
        .filter(field -> field.getType() == ConfigOption.class)
        .map(ReadmeTables::option);
  }

  private static List<String> option(Field field) {
    ConfigOption<?> option;
    try {
      option = (ConfigOption<?>) field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError("Option " + field.getName() + " is not public.", e);
    }
    return List.of(
        code(option.key()),
        REQUIRED.contains(option) ? "yes" : "no",
        defaultOf(option),
        typeOf(((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0]),
        new HtmlFormatter().format(option.description()));
  }

  private static String defaultOf(ConfigOption<?> option) {
    Object value = option.defaultValue();
    if (value == null || (value instanceof Collection<?> list && list.isEmpty())) {
      return "none";
    }
    if (value instanceof Duration duration) {
      return code(TimeUtils.formatWithHighestUnit(duration));
    }
    if (value instanceof Collection<?> list) {
      return code(list.stream().map(String::valueOf).collect(joining(";")));
    }
    return code(value instanceof MemorySize size ? size.toString() : String.valueOf(value));
  }

  private static String typeOf(Type type) {
    if (type instanceof ParameterizedType list) {
      return "list of " + typeOf(list.getActualTypeArguments()[0]);
    }
    Class<?> simple = (Class<?>) type;
    return simple.isEnum()
        ? Arrays.stream(simple.getEnumConstants())
            .map(constant -> code(constant.toString()))
            .collect(joining(", "))
        : simple.getSimpleName();
  }

  private static Stream<List<String>> metrics() {
    return Arrays.stream(LlmMetric.values())
        .map(
            metric ->
                List.of(
                    code(metric.metricName()),
                    metric.type().name().toLowerCase(Locale.ROOT),
                    metric.description()));
  }

  private static Stream<List<String>> failureKinds() {
    return Arrays.stream(FailureKind.values())
        .map(kind -> List.of(code(kind.name()), kind.description()));
  }

  public static String code(String text) {
    return "`" + text + "`";
  }

  public static String table(List<String> head, Stream<List<String>> rows) {
    List<String> rule = head.stream().map(column -> "---").toList();
    return Stream.concat(Stream.of(head, rule), rows)
        .map(cells -> "| " + String.join(" | ", cells) + " |")
        .collect(joining("\n"));
  }
}
