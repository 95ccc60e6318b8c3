package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Extracts the natives, to be run where they do not fit. */
final class FullDisk {
  private FullDisk() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0], "natives");
    try {
      System.out.println(
          "extracted to " + new NativeFolder(root).extract(NativeFiles.of("linux-x86_64")));
    } catch (IOException e) {
      System.out.println("refused: " + e.getMessage());
    }
    try (Stream<Path> left = Files.list(root)) {
      System.out.println("left: " + left.toList());
    }
  }
}
