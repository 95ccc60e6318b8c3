package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds docs/llm-runner.md to the code: its examples are compiled, and its names exist. */
class RunnerPageTest {
  private static final Path PAGE = Path.of("../docs/llm-runner.md");
  private static final Path EXAMPLES =
      Path.of("src/test/java/io/github/flinkexecutorch/llm/SeedExamples.java");
  private static final Pattern SNIPPET =
      Pattern.compile("// (\\w+) \\{\n(.*?)\n +// }\n", Pattern.DOTALL);
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)(?:\\.(\\w+))?(?:\\(\\))?`");
  private static final List<String> PACKAGES =
      List.of("", "tokenizer.", "image.", "audio.", "chat.", "grammar.", "cli.", "engine.");

  @Test
  void shouldShowCompiledExamplesOnly() throws IOException {
    List<String> compiled =
        SNIPPET
            .matcher(Files.readString(EXAMPLES))
            .results()
            .map(match -> match.group(2).stripIndent().strip())
            .toList();
    List<String> shown =
        CODE.matcher(Files.readString(PAGE))
            .results()
            .map(match -> match.group(1).strip())
            .toList();

    assertThat(shown).containsExactlyElementsOf(compiled);
  }

  @Test
  void shouldNameWhatExistsOnly() throws IOException {
    List<String> rows =
        Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("| ")).toList();
    int names = 0;
    for (String row : rows) {
      String last = row.substring(row.lastIndexOf("| ", row.length() - 3));
      Matcher name = NAME.matcher(last);
      while (name.find()) {
        names++;
        assertThat(exists(name.group(1), name.group(2))).as(name.group()).isTrue();
      }
    }
    assertThat(names).isGreaterThan(50);
  }

  private static boolean exists(String type, String member) {
    return Stream.concat(
            PACKAGES.stream().map(name -> "io.github.flinkexecutorch.llm." + name),
            Stream.of("io.github.flinkexecutorch.runtime."))
        .map(name -> find(name + type))
        .anyMatch(found -> found != null && (member == null || has(found, member)));
  }

  private static boolean has(Class<?> type, String member) {
    Stream<String> methods =
        Stream.concat(Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getMethods()))
            .map(java.lang.reflect.Method::getName);
    Stream<String> fields = Arrays.stream(type.getFields()).map(java.lang.reflect.Field::getName);
    return Stream.concat(methods, fields).anyMatch(member::equals);
  }

  private static Class<?> find(String name) {
    try {
      return Class.forName(name, false, RunnerPageTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return null;
    }
  }
}
