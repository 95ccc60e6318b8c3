package io.github.flinkexecutorch.jobs.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.flinkexecutorch.jobs.DeadLetterHeaders;
import io.github.flinkexecutorch.jobs.StreamEnrichmentJob;
import io.github.flinkexecutorch.jobs.StreamEnrichmentOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs {@link StreamEnrichmentJob} against a real broker in this process and checks what comes out.
 * Exit code 0 means that every record is accounted for and the model answered as well as it should.
 */
@Internal
@Command(
    name = "bin/demo",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description =
        "Sends support tickets through Kafka, Flink and a language model, then captions images.")
public final class Demo implements Callable<Integer> {
  private static final String REQUESTS = "requests";
  private static final String COMPLETIONS = "completions";
  private static final String STATS = "stats";
  private static final String DEAD_LETTERS = "dead-letters";
  private static final int PARTITIONS = 4;
  private static final String STANDARD = "model.pte";
  private static final int ROUNDS = 2;
  private static final int COPIES = 10; // once is over before the job has come up to its speed

  @Option(names = "--parallelism", description = "Subtasks of the job.")
  private int parallelism = 2;

  @Option(names = "--tickets", description = "How many tickets to send.")
  private int tickets = 500;

  @Option(names = "--data", description = "Folder of the model, its tokenizer and the tickets.")
  private Path data = Path.of("sample-data/tickets");

  @Option(names = "--model", description = "Program in that folder; model.pte is the standard one.")
  private String model = "model-batched.pte";

  @Option(
      names = "--compare",
      description =
          "Runs the standard program too, each twice with every ticket "
              + COPIES
              + " times, and"
              + " compares the second runs.")
  private boolean compare;

  @Option(names = "--scenes", description = "Folder of the model that captions, and its images.")
  private Path scenes = Path.of("sample-data/scenes");

  @Option(names = "--no-images", description = "Leaves the captions out.")
  private boolean noImages;

  @Option(names = "--output", description = "Folder for the reports.")
  private Path output = Path.of("target/demo");

  public static void main(String[] args) {
    System.exit(new CommandLine(new Demo()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Files.createDirectories(output);
    PrintStream terminal = System.out;
    // The broker prints what it formats; the screen is for the demo alone.
    try (PrintStream console = new PrintStream(output.resolve("console.log").toFile())) {
      System.setOut(console);
      return run(new DemoScreen(terminal));
    } finally {
      System.setOut(terminal);
    }
  }

  private int run(DemoScreen screen) throws Exception {
    DemoInput input = DemoInput.read(data.resolve("tickets.jsonl"), tickets);
    if (!compare) {
      DemoRun run = run(model, input, screen);
      int code = show(screen, input, run.results(), run.report());
      return noImages || caption(screen) ? code : 1;
    }
    return compare(input, screen);
  }

  private boolean caption(DemoScreen screen) throws Exception {
    boolean terminal = Boolean.getBoolean(DemoProgress.TERMINAL_PROPERTY);
    boolean passed = new CaptionDemo(scenes, output, parallelism, screen.out(), terminal).run();
    screen.captionsVerdict(passed);
    return passed;
  }

  private int compare(DemoInput once, DemoScreen screen) throws Exception {
    DemoInput input = once.repeated(COPIES);
    DemoRun standard = null;
    DemoRun other = null;
    for (int round = 0; round < ROUNDS; round++) { // the first one warms the JVM up
      standard = run(STANDARD, input, screen);
      other = run(model, input, screen);
    }
    screen.comparison(COPIES, STANDARD, standard.report(), model, other.report());
    boolean same = standard.results().texts().equals(other.results().texts());
    boolean passed = standard.report().passed(input) && other.report().passed(input);
    screen.verdict(passed, same);
    return passed ? 0 : 1;
  }

  private DemoRun run(String program, DemoInput input, DemoScreen screen) throws Exception {
    try (LocalBroker broker = LocalBroker.start()) {
      broker.createTopics(PARTITIONS, REQUESTS, COMPLETIONS, STATS, DEAD_LETTERS);
      Properties client = broker.clientProperties();
      broker.produce(input.toProduce(REQUESTS));

      List<String> arguments = jobArguments(program, broker);
      screen.opening(
          input, StreamEnrichmentJob.class.getName() + " JAR " + String.join(" ", arguments));
      Duration duration;
      DemoProgress progress =
          new DemoProgress(input.records(), screen.out(), client, COMPLETIONS, DEAD_LETTERS);
      try (progress) {
        duration = runJob(arguments);
      }
      DemoResults results = DemoResults.read(client, COMPLETIONS, STATS, DEAD_LETTERS);
      return new DemoRun(
          results, results.report(input, parallelism, duration, progress.recordsPerSecond()));
    }
  }

  private List<String> jobArguments(String program, LocalBroker broker) {
    return List.of(
        "--bootstrap-servers",
        broker.bootstrapServers(),
        "--model",
        data.resolve(program).toString(),
        "--tokenizer",
        data.resolve("tokenizer.json").toString(),
        "--prompt-template-file",
        data.resolve("prompt-template.txt").toString(),
        "--parallelism",
        Integer.toString(parallelism),
        "--checkpoint-interval",
        "500ms",
        "--bounded");
  }

  /** What one run left, and its figures. */
  private record DemoRun(DemoResults results, DemoReport report) {}

  private static Duration runJob(List<String> arguments) throws Exception {
    Configuration cluster = new Configuration();
    cluster.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(cluster);
    StreamEnrichmentJob.define(
        env, StreamEnrichmentOptions.parse(arguments.toArray(String[]::new)));
    long start = System.nanoTime();
    env.execute("demo");
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private int show(DemoScreen screen, DemoInput input, DemoResults results, DemoReport report)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    json.writer(SerializationFeature.INDENT_OUTPUT)
        .writeValue(output.resolve("report.json").toFile(), report);
    Path deadLetters = output.resolve("dead-letters.jsonl");
    Files.write(deadLetters, results.deadLetters().stream().map(Object::toString).toList());
    Files.write(
        output.resolve("completions.jsonl"),
        results.texts().entrySet().stream()
            .map(
                completion ->
                    json.createObjectNode()
                        .put("id", completion.getKey())
                        .put("completion", completion.getValue())
                        .toString())
            .toList());

    screen.examples(input.tickets(), results.texts());
    screen.deadLetters(results.deadLetters(), DeadLetterHeaders.PREFIX, DEAD_LETTERS, deadLetters);
    screen.figures(report, output);
    screen.verdict(report.passed(input), true);
    return report.passed(input) ? 0 : 1;
  }
}
