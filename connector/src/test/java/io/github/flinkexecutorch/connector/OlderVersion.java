package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.tools.ToolProvider;
import org.apache.flink.util.ChildFirstClassLoader;

/** Types as another version of this project has them, beside today's under the same name. */
final class OlderVersion {
  private OlderVersion() {}

  /** Today's record with other components, written as in Java, such as {@code int width}. */
  static Class<?> ofRecord(Class<?> today, UnaryOperator<List<String>> components, Path folder)
      throws IOException, ClassNotFoundException {
    List<String> now =
        Arrays.stream(today.getRecordComponents()).map(OlderVersion::declared).toList();
    String body = components.apply(now).stream().collect(joining(", ", "(", ") {}"));
    return compiled(today, "record", body, folder);
  }

  /** Today's enum with these constants. */
  static Class<?> ofEnum(Class<?> today, List<String> constants, Path folder)
      throws IOException, ClassNotFoundException {
    return compiled(today, "enum", constants.stream().collect(joining(", ", " {", "}")), folder);
  }

  private static String declared(RecordComponent component) {
    return component.getType().getCanonicalName() + " " + component.getName();
  }

  private static Class<?> compiled(Class<?> today, String kind, String body, Path folder)
      throws IOException, ClassNotFoundException {
    Path source = folder.resolve(today.getSimpleName() + ".java");
    Files.writeString(
        source,
        "package %s; public %s %s%s"
            .formatted(today.getPackageName(), kind, today.getSimpleName(), body));
    Path classes = Path.of(today.getProtectionDomain().getCodeSource().getLocation().getPath());
    int exitCode =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                classes.toString(),
                source.toString());
    assertThat(exitCode).as("javac of %s", body).isZero();
    // Never closed: what it has loaded is used until the test is over, and it holds one folder.
    ClassLoader loader =
        new ChildFirstClassLoader(
            new URL[] {folder.toUri().toURL()}, today.getClassLoader(), new String[0], e -> {});
    Class<?> older = Class.forName(today.getName(), true, loader);
    assertThat(older).isNotSameAs(today);
    return older;
  }
}
