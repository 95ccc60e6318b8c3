package io.github.flinkexecutorch.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads the files that deploy this project, and the versions that they are to have. */
final class DeploymentFiles {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final Path SAMPLES = ROOT.resolve("sample-data");

  private static final Pattern COPY = Pattern.compile("(?m)^COPY --chown=flink:flink (.*)$");

  private DeploymentFiles() {}

  /** A file copied into the image. */
  record Copied(Path source, String target) {}

  static JsonNode yaml(String file) throws IOException {
    return parseYaml(text(file));
  }

  static JsonNode parseYaml(String text) {
    return new ObjectMapper()
        .valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
  }

  static String text(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  /** A property of the root POM, without its profiles. */
  static String version(String property) throws IOException {
    Matcher matcher =
        Pattern.compile("<" + Pattern.quote(property) + ">([^<]+)</").matcher(text("pom.xml"));
    if (!matcher.find()) {
      throw new IOException("No property " + property + " in pom.xml");
    }
    return matcher.group(1);
  }

  static String projectVersion() throws IOException {
    Matcher matcher =
        Pattern.compile("flink-executorch-parent</artifactId>\\s*<version>([^<]+)<")
            .matcher(text("pom.xml"));
    if (!matcher.find()) {
      throw new IOException("No version in pom.xml");
    }
    return matcher.group(1);
  }

  /** The default of an argument of the Dockerfile. */
  static String argument(String name) throws IOException {
    Matcher matcher =
        Pattern.compile("(?m)^ARG " + name + "=(.+)$").matcher(text("docker/Dockerfile"));
    if (!matcher.find()) {
      throw new IOException("No argument " + name + " in docker/Dockerfile");
    }
    return matcher.group(1);
  }

  /** What the Dockerfile copies, with the defaults of its arguments. */
  static List<Copied> image() throws IOException {
    List<Copied> copied = new ArrayList<>();
    Matcher lines = COPY.matcher(text("docker/Dockerfile"));
    while (lines.find()) {
      String line = lines.group(1);
      for (String name : List.of("VERSION", "KAFKA_CONNECTOR_VERSION")) {
        line = line.replace("${" + name + "}", argument(name));
      }
      String[] words = line.split(" ", -1);
      copied.add(new Copied(ROOT.resolve(words[0]), words[1]));
    }
    return copied;
  }

  /** The configuration of Flink's containers. */
  static Configuration composeConfiguration() throws IOException {
    String lines =
        yaml("docker-compose.yml")
            .at("/services/taskmanager/environment/FLINK_PROPERTIES")
            .asText();
    Configuration configuration = new Configuration();
    for (String line : lines.strip().split("\n", -1)) {
      String[] setting = line.split(": ", 2);
      configuration.setString(setting[0], setting[1]);
    }
    return configuration;
  }

  /** The words of a command as a shell would take them, quotes aside. */
  static List<String> words(String command) {
    return Arrays.asList(command.strip().split("\\s+", -1));
  }
}
