package io.github.flinkexecutorch.llm;

import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Files of the test resources as the first inputs of fuzz tests. */
public final class Seeds {
  private static final Path RESOURCES = Path.of("src/test/resources");

  /** A fuzzer finds more per second in small files. */
  private static final long MOST_BYTES = 16L << 10;

  private Seeds() {}

  /** The contents of the small files of a folder whose names match, one for each test. */
  public static Stream<Arguments> in(String folder, String names) {
    try (Stream<Path> files = Files.list(RESOURCES.resolve(folder))) {
      List<Path> seeds =
          files.filter(file -> file.getFileName().toString().matches(names)).sorted().toList();
      return seeds.stream()
          .filter(seed -> seed.toFile().length() <= MOST_BYTES)
          .map(seed -> arguments(named(seed.getFileName().toString(), content(seed))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] content(Path seed) {
    try {
      return Files.readAllBytes(seed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
