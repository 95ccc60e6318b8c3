package io.github.flinkexecutorch.llm.cli;

import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

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

  @Option(names = "--logprobs", description = "With --json: how likely the model found each token.")
  private boolean logprobs;

  /**
   * Whether to ask for the probabilities of the tokens.
   *
   * @throws ParameterException if nothing would show them
   */
  boolean logprobs(CommandLine command) {
    if (logprobs && !json) {
      throw new ParameterException(command, "--logprobs needs --json, which shows them");
    }
    return logprobs;
  }

  ResultWriter writer(CommandLine command) {
    return new ResultWriter(command.getOut(), command.getErr(), json, stats);
  }
}
