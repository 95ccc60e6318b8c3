package io.github.flinkexecutorch.llm.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What is damaged: where the good files are, and with how many seeds each is damaged. */
enum FileKind {
  PROGRAM(
      34,
      "sample-data/tickets/model\\.pte|sample-data/conformance/(llama2-optimum|llama2-no-cache"
          + "|llama3|llama3-half|llama3-data-file|llama3-prefill-decode|qwen2\\.5|gpt2"
          + "|gemma3-hybrid-cache)/model\\.pte|native/src/test/resources/(external"
          + "|external-delegate|missing-operator|sharing|two-methods|unplanned)\\.pte"),
  BATCHED(24, "sample-data/batched/.*\\.pte"),
  DATA(
      30,
      "sample-data/conformance/llama3-data-file/weights\\.ptd"
          + "|native/src/test/resources/(external|external-delegate)\\.ptd"),
  TOKENIZER(24, "runner/src/test/resources/tokenizers/.*/(tokenizer|tekken)\\.(json|model|bin)"),
  CHAT_TEMPLATE(
      6,
      "runner/src/test/resources/(chat/templates/[a-m].*\\.jinja|hostile/tokenizer_config\\.json)"),
  PREPROCESSOR(60, "runner/src/test/resources/hostile/preprocessor_config\\.json"),
  IMAGE(3, "runner/src/test/resources/images/.*\\.(png|jpg|webp|gif|bmp|tif)"),
  /** Made by {@link io.github.flinkexecutorch.llm.image.Bombs}; the seed is the number of one. */
  BOMB(11, "runner/src/test/java/.*/Bombs\\.java"),
  AUDIO(7, "runner/src/test/resources/audio/.*\\.(wav|flac|mp3|ogg)");

  private final int seeds;
  private final String pattern;

  FileKind(int seeds, String pattern) {
    this.seeds = seeds;
    this.pattern = pattern;
  }

  /** {@code -Dhostile.seeds=N} tries more. */
  int seeds() {
    return this == BOMB ? seeds : Integer.getInteger("hostile.seeds", seeds);
  }

  /** Whether it is decoded from memory, by what knows no file. */
  boolean isMedia() {
    return this == IMAGE || this == BOMB || this == AUDIO;
  }

  List<Path> sources(Path root) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String folder : List.of("sample-data", "native/src/test", "runner/src/test")) {
      try (Stream<Path> files = Files.walk(root.resolve(folder))) {
        files
            .filter(file -> root.relativize(file).toString().matches(pattern))
            .sorted()
            .forEach(sources::add);
      }
    }
    return sources;
  }
}
