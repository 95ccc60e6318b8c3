package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens tokenizers. */
public final class Tokenizers {
  private static final String FILE_NAME = "tokenizer.json";

  private Tokenizers() {}

  /**
   * Opens a Hugging Face tokenizer. Its beginning- and end-of-sequence tokens come from {@code
   * special_tokens_map.json} or {@code tokenizer_config.json} in the same folder; they are unknown,
   * and never guessed, where neither names them.
   *
   * @param path a {@code tokenizer.json}, or the folder that holds one
   * @throws InvalidModelException saying what was tried and why it failed
   */
  public static Tokenizer load(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve(FILE_NAME) : path;
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          "Tokenizer " + path + " does not exist; give a " + FILE_NAME + " or a folder with one");
    }
    byte[] content = read(file);
    return HuggingFaceJsonTokenizer.open(file, content, TokenizerJson.parse(file, content));
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new InvalidModelException("Tokenizer " + file + " cannot be read: " + e, e);
    }
  }
}
