package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where the prompt comes from. */
final class PromptArguments {
  private static final int MAX_BYTES = 16 << 20;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt.")
  private String prompt;

  @Option(
      names = "--prompt-file",
      paramLabel = "FILE",
      description = "File with the prompt, taken as it is, a line break at its end included.")
  private Path file;

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
    if (file == null && piped.isEmpty()) {
      throw new ParameterException(
          command, "Give --prompt or --prompt-file, or pipe the prompt in");
    }
    try {
      if (file == null) {
        return text(piped.get().readNBytes(MAX_BYTES + 1));
      }
      try (InputStream in = Files.newInputStream(file)) {
        return text(in.readNBytes(MAX_BYTES + 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(byte[] utf8) {
    if (utf8.length > MAX_BYTES) {
      throw new InvalidRequestException(
          Reason.CONTEXT_OVERFLOW,
          "The prompt has more than " + MAX_BYTES + " bytes, more than any context holds");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER, "The prompt is not valid UTF-8; convert it first");
    }
  }
}
