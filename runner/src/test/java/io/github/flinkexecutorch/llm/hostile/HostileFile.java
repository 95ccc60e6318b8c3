package io.github.flinkexecutorch.llm.hostile;

import io.github.flinkexecutorch.llm.Mutation;
import io.github.flinkexecutorch.llm.image.Bombs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A good file and the seed of the damage done to it.
 *
 * @param source the good file, below the repository's root
 */
record HostileFile(FileKind kind, Path source, int seed) {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** All files of a kind, in an order that is always the same. */
  static List<HostileFile> all(FileKind kind) throws IOException {
    List<HostileFile> files = new ArrayList<>();
    for (Path source : kind.sources(ROOT)) {
      for (int seed = 0; seed < kind.seeds(); seed++) {
        files.add(new HostileFile(kind, ROOT.relativize(source), seed));
      }
    }
    return files;
  }

  Path path() {
    return ROOT.resolve(source);
  }

  byte[] content() throws IOException {
    if (kind == FileKind.BOMB) {
      return Bombs.contents().get(seed);
    }
    byte[] good = Files.readAllBytes(path());
    return switch (kind) {
      case PROGRAM, BATCHED, DATA -> ProgramMutation.of(good, seed);
      case TOKENIZER, CHAT_TEMPLATE, PREPROCESSOR ->
          source.toString().endsWith(".json") && seed % 2 == 0
              ? JsonMutation.of(good, seed)
              : Mutation.of(good, seed);
      default -> Mutation.of(good, seed);
    };
  }

  /** As the list of known deaths names it. */
  @Override
  public String toString() {
    return source.toString().replace('\\', '/') + " " + seed;
  }
}
