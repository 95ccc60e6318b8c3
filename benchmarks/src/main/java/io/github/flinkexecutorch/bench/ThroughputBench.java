package io.github.flinkexecutorch.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.flinkexecutorch.llm.engine.EngineStats;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Java side of a side-by-side run. Opens what is measured and says so, then answers each line
 * of standard input, the name of a workload file, with how long it took: {@code bench: {"seconds":
 * …}}.
 *
 * <p>Arguments: {@code engine | static | waves | no-prefix-cache | flink | captions |
 * flink-llama.cpp}, then MODEL TOKENIZER THREADS SEQUENCES LONGEST KV_BYTES SLOTS.
 */
public final class ThroughputBench {
  private static final JsonMapper JSON = new JsonMapper();
  private static final double NANOS = 1e9;
  private static final long KIB = 1024;
  private static final double MILLIS = 1e3;
  private static final double NANOS_OF_MICRO = 1e3;

  private ThroughputBench() {}

  /** See the class. */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    Workbenches workbenches =
        new Workbenches(
            Path.of(arguments[1]),
            Path.of(arguments[2]),
            Integer.parseInt(arguments[3]),
            Integer.parseInt(arguments[4]),
            Integer.parseInt(arguments[5]),
            Long.parseLong(arguments[6]),
            Integer.parseInt(arguments[7]));
    try (Workbench workbench = workbenches.open(arguments[0]);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      answer(answers, Map.of("version", "Java " + Runtime.version()));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<Prompt> prompts = Prompt.read(Path.of(line));
        EngineStats before = workbench.stats();
        long start = System.nanoTime();
        Tokens tokens = workbench.run(prompts);
        double seconds = (System.nanoTime() - start) / NANOS;
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("seconds", seconds);
        result.put("promptTokens", tokens.promptTokens());
        result.put("newTokens", tokens.newTokens());
        result.put("decodeSeconds", tokens.decodeMs() / MILLIS);
        result.put("residentKiB", residentKiB());
        result.put("heapKiB", Runtime.getRuntime().totalMemory() / KIB);
        if (before != null) {
          result.putAll(stepTimes(before, workbench.stats()));
        }
        answer(answers, result);
      }
    }
    System.exit(0); // a native thread of a peer may be left
  }

  /** Microseconds of an average step. */
  private static Map<String, Object> stepTimes(EngineStats before, EngineStats after) {
    double steps = after.steps() - before.steps();
    return Map.of(
        "stepMicros", (after.executionNanos() - before.executionNanos()) / NANOS_OF_MICRO / steps,
        "overheadMicros",
            (after.overheadNanos() - before.overheadNanos()) / NANOS_OF_MICRO / steps);
  }

  private static void answer(PrintStream answers, Map<String, Object> content) throws IOException {
    answers.println("bench: " + JSON.writeValueAsString(content));
    answers.flush();
  }

  private static long residentKiB() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    }
  }
}
