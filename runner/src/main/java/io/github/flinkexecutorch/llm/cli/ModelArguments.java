package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.LLMRunners;
import io.github.flinkexecutorch.llm.chat.ChatTemplate;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The files that belong to a model, but the model itself. */
final class ModelArguments {
  private static final List<String> TOKENIZER_NAMES =
      List.of("tokenizer.json", "tokenizer.model", "tekken.json", "tokenizer.bin");

  @Option(
      names = "--data",
      paramLabel = "FILE",
      split = ",",
      description = "Data file (.ptd) with constants of the model; repeat it for several.")
  private List<Path> dataFiles = List.of();

  @Option(
      names = "--tokenizer",
      paramLabel = "PATH",
      description = "Tokenizer file, or the folder that holds it; else the folder of the model.")
  private Path tokenizer;

  List<Path> dataFiles() {
    return dataFiles;
  }

  /**
   * Opens the tokenizer given, or else the one beside the model.
   *
   * @throws InvalidModelException if it cannot be used, or there is none
   */
  Tokenizer openTokenizer(Path model) {
    return LLMRunners.loadTokenizer(tokenizerPath(model));
  }

  /**
   * Reads the chat template beside that tokenizer.
   *
   * @throws InvalidModelException if it cannot be used, or there is none
   */
  ChatTemplate loadChatTemplate(Path model) {
    return ChatTemplate.load(tokenizerPath(model));
  }

  /** The same, empty if none is given and none is beside the model. */
  Optional<Tokenizer> findTokenizer(Path model) {
    return tokenizer != null || hasTokenizer(folder(model))
        ? Optional.of(openTokenizer(model))
        : Optional.empty();
  }

  private Path tokenizerPath(Path model) {
    return tokenizer == null ? folder(model) : tokenizer;
  }

  private static boolean hasTokenizer(Path folder) {
    return TOKENIZER_NAMES.stream().map(folder::resolve).anyMatch(Files::isRegularFile);
  }

  private static Path folder(Path model) {
    Path parent = model.toAbsolutePath().getParent();
    return parent == null ? model.toAbsolutePath() : parent;
  }
}
