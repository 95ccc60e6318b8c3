package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.audio.AudioDecoder;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Decodes damaged files, for example in a process of its own with little memory: {@code
 * MutatedMedia image|audio FILE FIRST_SEED LAST_SEED}. Prints what each became and ends with 0;
 * ends otherwise if a decoder throws anything but an {@link InvalidRequestException}.
 */
public final class MutatedMedia {
  private MutatedMedia() {}

  public static void main(String[] arguments) throws IOException {
    byte[] file = Files.readAllBytes(Path.of(arguments[1]));
    for (long seed = Long.parseLong(arguments[2]); seed <= Long.parseLong(arguments[3]); seed++) {
      System.out.println(seed + " " + decode(arguments[0], Mutation.of(file, seed)));
    }
  }

  /** What a file became, or the message with which it was refused. */
  public static String decode(String kind, byte[] content) {
    try {
      return kind.equals("image")
          ? new ImageDecoder().decode(content).toString()
          : new AudioDecoder().decode(content).toString();
    } catch (InvalidRequestException e) {
      return e.reason() + ": " + e.getMessage();
    }
  }
}
