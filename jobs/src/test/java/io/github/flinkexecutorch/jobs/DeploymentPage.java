package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What docs/deployment.md tells to type. */
record DeploymentPage(String text) {
  static final String FILE = "docs/deployment.md";

  private static final Pattern SETTINGS = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern INDENTED = Pattern.compile("(?m)^    \\S.*$");

  static DeploymentPage read() throws IOException {
    return new DeploymentPage(DeploymentFiles.text(FILE));
  }

  /** Every command, each in one line. */
  List<String> commands() throws IOException {
    return DocumentedCommand.of(FILE);
  }

  /** The only command that begins so. */
  String command(String beginning) throws IOException {
    return DocumentedCommand.of(FILE, beginning);
  }

  /** The first line of all that is indented, which is commands and few other things. */
  List<String> indented() {
    return INDENTED
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(line -> line.replaceAll("\\\\$", "").strip())
        .toList();
  }

  /** Arguments of the job in a command that submits it. */
  static List<String> jobArguments(String command) {
    List<String> words = DeploymentFiles.words(command);
    int jar = 0;
    while (!words.get(jar).endsWith(".jar")) {
      jar++;
    }
    return new ArrayList<>(words.subList(jar + 1, words.size()));
  }

  /** The settings for a standalone cluster, as lines of YAML. */
  String settings() {
    Matcher matcher = SETTINGS.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("The page has no settings");
    }
    return matcher.group(1);
  }
}
