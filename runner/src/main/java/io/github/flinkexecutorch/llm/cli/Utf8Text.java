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

/** Text that the user hands over in a file or a pipe, taken as it is. */
final class Utf8Text {
  private Utf8Text() {}

  /**
   * Reads a file.
   *
   * @param what the text is, for errors
   * @throws InvalidRequestException if it is too large or not UTF-8
   * @throws UncheckedIOException if it cannot be read
   */
  static String read(Path file, int maxBytes, String what) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, maxBytes, what);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same from a stream, which stays open. */
  static String read(InputStream in, int maxBytes, String what) {
    try {
      byte[] utf8 = in.readNBytes(maxBytes + 1);
      if (utf8.length > maxBytes) {
        throw new InvalidRequestException(
            Reason.INVALID_PARAMETER, what + " has more than " + maxBytes + " bytes, the limit");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER, what + " is not valid UTF-8; convert it first");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
