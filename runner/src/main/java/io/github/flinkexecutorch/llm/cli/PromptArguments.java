package io.github.flinkexecutorch.llm.cli;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where the prompt comes from. */
final class PromptArguments {
  /** More than any context holds. */
  private static final int MAX_BYTES = 16 << 20;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt.")
  private String prompt;

  @Option(
      names = "--prompt-file",
      paramLabel = "FILE",
      description = "File with the prompt, taken as it is, a line break at its end included.")
  private Path file;

  /** Whether an argument gives the prompt, be it empty. */
  boolean given() {
    return prompt != null || file != null;
  }

  /**
   * The prompt.
   *
   * @param piped where it comes from if no argument gives it
   * @throws ParameterException if there is none, or more than one
   */
  String read(CommandLine command, Optional<InputStream> piped) {
    if (prompt != null && file != null) {
      throw new ParameterException(command, "Give --prompt or --prompt-file, not both");
    }
    if (prompt != null) {
      return prompt;
    }
    if (file != null) {
      return Utf8Text.read(file, MAX_BYTES, "The prompt");
    }
    return Utf8Text.read(
        piped.orElseThrow(
            () ->
                new ParameterException(
                    command, "Give --prompt or --prompt-file, or pipe the prompt in")),
        MAX_BYTES,
        "The prompt");
  }
}
