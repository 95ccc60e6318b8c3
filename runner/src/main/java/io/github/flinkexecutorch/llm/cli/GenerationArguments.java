package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The fields of {@link GenerationConfig}, under the names of ExecuTorch's own command line. */
final class GenerationArguments {
  private static final String BY_DEFAULT = " Default: ${DEFAULT-VALUE}.";

  private final GenerationConfig.Builder config = GenerationConfig.builder();

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Most tokens to generate; as many as the context holds if not given.")
  void setMaxNewTokens(int value) {
    config.maxNewTokens(value);
  }

  @Option(
      names = "--seq-len",
      paramLabel = "N",
      description = "Most tokens of prompt and completion; the model's context if not given.")
  void setSeqLen(int value) {
    config.seqLen(value);
  }

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0.8",
      description = "0 takes the likeliest token; more makes the choice more random." + BY_DEFAULT)
  void setTemperature(float value) {
    config.temperature(value);
  }

  @Option(
      names = "--top-p",
      paramLabel = "X",
      defaultValue = "0.9",
      description = "Sample from the likeliest tokens that hold this probability." + BY_DEFAULT)
  void setTopP(float value) {
    config.topP(value);
  }

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description = "Sample from this many of the likeliest tokens; 0 for all." + BY_DEFAULT)
  void setTopK(int value) {
    config.topK(value);
  }

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Equal seeds give equal completions." + BY_DEFAULT)
  void setSeed(long value) {
    config.seed(value);
  }

  @Option(
      names = "--num-bos",
      paramLabel = "N",
      defaultValue = "0",
      description = "Beginning-of-sequence tokens in front of the prompt." + BY_DEFAULT)
  void setNumBos(int value) {
    config.numBos(value);
  }

  @Option(
      names = "--num-eos",
      paramLabel = "N",
      defaultValue = "0",
      description = "End-of-sequence tokens behind the prompt." + BY_DEFAULT)
  void setNumEos(int value) {
    config.numEos(value);
  }

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Text that ends the completion and is no part of it; repeat it for several.")
  void setStop(List<String> value) {
    config.stop(value);
  }

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      defaultValue = "1",
      description = "Above 1: against tokens of the prompt and the completion." + BY_DEFAULT)
  void setRepetitionPenalty(float value) {
    config.repetitionPenalty(value);
  }

  @Option(
      names = "--presence-penalty",
      paramLabel = "X",
      defaultValue = "0",
      description = "Against tokens that the completion holds, -2 to 2." + BY_DEFAULT)
  void setPresencePenalty(float value) {
    config.presencePenalty(value);
  }

  @Option(
      names = "--frequency-penalty",
      paramLabel = "X",
      defaultValue = "0",
      description = "The same, as often as the completion holds them." + BY_DEFAULT)
  void setFrequencyPenalty(float value) {
    config.frequencyPenalty(value);
  }

  @Option(names = "--ignore-eos", description = "Go on after an end-of-sequence token.")
  void setIgnoreEos(boolean value) {
    config.ignoreEos(value);
  }

  @Option(names = "--echo", description = "Write the prompt in front of the completion.")
  void setEcho(boolean value) {
    config.echo(value);
  }

  /**
   * The configuration.
   *
   * @throws ParameterException naming the first value that cannot work
   */
  GenerationConfig config(CommandLine command) {
    try {
      return config.build();
    } catch (InvalidRequestException e) {
      throw new ParameterException(command, e.getMessage(), e);
    }
  }
}
