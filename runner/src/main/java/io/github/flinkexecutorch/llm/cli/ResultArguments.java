package io.github.flinkexecutorch.llm.cli;

import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What is written of a generation, and how. */
final class ResultArguments {
  @Option(
      names = "--stats",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Write the statistics of each generation, as ExecuTorch's runner does. Default.")
  private boolean stats;

  @Option(
      names = "--json",
      description = "Write one JSON object for each generation instead of its text and statistics.")
  private boolean json;

  ResultWriter writer(CommandLine command) {
    return new ResultWriter(command.getOut(), command.getErr(), json, stats);
  }
}
