package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.runtime.util.EnvironmentInformation;

/** The Flink distribution of the version under test, unpacked in the build folder on first use. */
public record FlinkDistribution(Path home) {
  private static final Pattern JVM_OPTIONS = Pattern.compile("(?m)^\\s*all: (--add-exports=.*)$");

  public static FlinkDistribution fetch() throws IOException, InterruptedException {
    String version = EnvironmentInformation.getVersion();
    Path home = Path.of("target", "flink-dist", version).toAbsolutePath();
    Files.createDirectories(home.getParent());
    Process fetch =
        new ProcessBuilder("bash", "src/test/bash/fetch-flink", version, home.toString())
            .inheritIO()
            .start();
    if (fetch.waitFor() != 0) {
      throw new IOException("Could not fetch Flink " + version + " into " + home);
    }
    return new FlinkDistribution(home);
  }

  /** Adds a jar that the distribution should have in its folder {@code opt}. */
  FlinkDistribution withOptional(Path jar) throws IOException {
    Files.copy(
        jar, home.resolve("opt").resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    return this;
  }

  public Path script(String name) {
    return home.resolve("bin").resolve(name);
  }

  /** The JVM options that the distribution's own configuration passes to every process. */
  String jvmOptions() throws IOException {
    Matcher matcher = JVM_OPTIONS.matcher(Files.readString(home.resolve("conf/config.yaml")));
    if (!matcher.find()) {
      throw new IOException("No env.java.opts.all in the configuration of " + home);
    }
    return matcher.group(1);
  }
}
