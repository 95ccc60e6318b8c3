package io.github.flinkexecutorch.jobs.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.jobs.demo.DemoInput.Ticket;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the demo tells the person who started it. */
record DemoScreen(PrintStream out) {
  private static final int EXAMPLES = 10;
  private static final int REASON_WIDTH = 18;

  void opening(DemoInput input, String job) {
    out.printf(
        "%n%d support tickets and %d bad records go through Kafka and Flink on this machine.%n"
            + "The same job on a cluster:%n  flink run -c %s%n%n",
        input.tickets().size(), input.badRecords().size(), job);
  }

  void examples(List<Ticket> tickets, Map<String, String> texts) {
    out.printf("%nThe first %d tickets%n", Math.min(EXAMPLES, tickets.size()));
    for (Ticket ticket : tickets.subList(0, Math.min(EXAMPLES, tickets.size()))) {
      String text = texts.get(ticket.id());
      out.printf("%n  %s  %s%n", ticket.id(), ticket.message().replace("\n", "\n          "));
      out.printf("  model     %s%n", text);
      boolean equal = ticket.expectedJson().equals(text);
      out.printf("  expected  %s%n", equal ? "the same" : ticket.expectedJson());
    }
  }

  void deadLetters(List<JsonNode> letters, String prefix, String topic, Path file) {
    out.printf("%nDead letters: topic %s, copied to %s%n", topic, file);
    for (JsonNode letter : letters) {
      out.printf(
          "  %-6s%-" + REASON_WIDTH + "s%s%n",
          letter.required("key").asText(),
          letter.required(prefix + "reason").asText(),
          letter.required(prefix + "message").asText());
    }
  }

  void figures(DemoReport report, Path folder) {
    out.printf("%nFigures (%s)%n", folder.resolve("report.json"));
    out.printf("  records in            %d%n", report.recordsIn());
    out.printf("  completions           %d%n", report.completions());
    out.printf("  dead letters          %d%n", report.deadLetters());
    out.printf("  exact match           %.1f %%%n", 100 * report.exactMatch());
    out.printf(
        "  records per second    %.1f, %.1f from the first results to the last%n",
        report.recordsPerSecond(), report.flowingRecordsPerSecond());
    out.printf("  tokens per second     %.0f%n", report.tokensPerSecond());
    out.printf(
        "  time to first token   %d ms median, %d ms for 95 %%%n",
        report.ttftMsP50(), report.ttftMsP95());
    out.printf(
        "  job                   %.1f s with parallelism %d, loading the model included%n",
        report.seconds(), report.parallelism());
  }

  void comparison(int copies, String first, DemoReport a, String second, DemoReport b) {
    out.printf(
        "%nEvery ticket was sent %d times, under ids of its own: too few records say little about"
            + " the speed.%nEach program ran twice; these are the second runs.%n",
        copies);
    out.printf("%nRecords per second    %18s  %18s   ratio%n", first, second);
    compare("whole job", a.recordsPerSecond(), b.recordsPerSecond());
    compare("first to last result", a.flowingRecordsPerSecond(), b.flowingRecordsPerSecond());
  }

  private void compare(String name, double first, double second) {
    out.printf("  %-20s%18.1f  %18.1f%8.2f%n", name, first, second, second / first);
  }

  void verdict(boolean passed, boolean same) {
    if (!same) {
      out.println("\nThe two programs do not write the same completions.");
    }
    out.println(
        passed
            ? "\nEvery record is accounted for."
            : "\nFAILED: records are missing or doubled, or the answers are not good enough.");
  }

  void captionsVerdict(boolean passed) {
    out.println(
        passed
            ? "\nEvery image is accounted for."
            : "\nFAILED: images are missing or doubled, or the captions are not good enough.");
  }
}
