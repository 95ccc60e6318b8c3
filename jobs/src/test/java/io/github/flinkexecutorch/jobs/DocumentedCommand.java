package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command that README.md or a page of docs/ tells to type.
 *
 * @param page its file
 * @param text the command, without a comment
 * @param output what it prints, as the page shows it; blank where it shows nothing. Three dots
 *     stand for anything
 */
public record DocumentedCommand(String page, String text, String output) {
  private static final Path ROOT = Path.of("..");
  private static final String PROGRAM =
      "(?:bin/|models/|\\./|\\.venv/|\\.ci/|mvn |docker |kubectl |cp |python3? |pip |flink "
          + "|sql-client\\.sh |git |curl )";

  /** A line, or more where it ends with a backslash or within quotes; up to a comment. */
  private static final String WORDS = "(?: +#.*|[^'\"\\\\\n]|\\\\[\\s\\S]|'[^']*'|\"[^\"]*\")*";

  /** Indented lines, and with a prompt before the command also those that follow it. */
  private static final Pattern BLOCK =
      Pattern.compile(
          "(?m)^    (?:(?<command>%1$s%2$s)|\\$ (?<shown>%2$s)\n(?<output>(?:    .*\n)*))"
              .formatted(PROGRAM, WORDS));

  /**
   * In a text; a script without arguments is only its name there. Dots leave something out, and in
   * a command of Flink stand for the arguments of the job.
   */
  private static final Pattern IN_TEXT =
      Pattern.compile(
          "`(?!bin/llm \\w+`|(?!flink )[^`]*\\.\\.\\.)("
              + PROGRAM
              + "[^`]*\\s[^`]*|bin/(?:demo|test|fuzz|prerequisites))`");

  /** Every command of these pages. */
  static List<DocumentedCommand> all() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (DirectoryStream<Path> docs = Files.newDirectoryStream(ROOT.resolve("docs"), "*.md")) {
      docs.forEach(pages::add);
    }
    Collections.sort(pages);
    pages.add(0, ROOT.resolve("README.md"));
    List<DocumentedCommand> commands = new ArrayList<>();
    for (Path page : pages) {
      String name = ROOT.relativize(page).toString();
      String text = Files.readString(page);
      for (Matcher block = BLOCK.matcher(text); block.find(); ) {
        String shown = block.group("shown");
        String command = shown == null ? block.group("command") : shown;
        String output = shown == null ? "" : block.group("output").stripIndent();
        commands.add(new DocumentedCommand(name, unwrapped(command), output));
      }
      for (Matcher span = IN_TEXT.matcher(text); span.find(); ) {
        String line = span.group(1).replaceAll("\\s*\n\\s*", " ");
        commands.add(new DocumentedCommand(name, unwrapped(line), ""));
      }
    }
    return commands;
  }

  /** Every command of one page, by its file. */
  static List<String> of(String page) throws IOException {
    return all().stream()
        .filter(command -> command.page().equals(page))
        .map(DocumentedCommand::text)
        .distinct()
        .toList();
  }

  /** The only command of a page that begins so. */
  public static String of(String page, String beginning) throws IOException {
    List<String> found =
        of(page).stream().filter(command -> command.startsWith(beginning)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(page + ", " + beginning + ": " + found);
    }
    return found.get(0);
  }

  /** Whether a text is this command's output, figures and widths of columns aside. */
  boolean prints(String printed) {
    StringBuilder expected = new StringBuilder();
    for (String part : constant(output).split("\\.\\.\\.", -1)) {
      expected.append(expected.isEmpty() ? "" : ".*").append(Pattern.quote(part));
    }
    return Pattern.compile(expected.toString(), Pattern.DOTALL).matcher(constant(printed)).find();
  }

  private static String constant(String text) {
    return text.replaceAll("\\d+(?:[.,]\\d+)*", "#").replaceAll("\\s+", " ").strip();
  }

  private static String unwrapped(String command) {
    return command
        .replaceAll("\\\\\n\\s*", "")
        .replaceAll("(?m)\\s+#.*$", "")
        .replaceAll("(?m)^    ", "")
        .strip();
  }

  @Override
  public String toString() {
    return page + ": " + text;
  }
}
