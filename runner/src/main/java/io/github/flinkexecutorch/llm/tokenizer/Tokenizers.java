package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Opens tokenizers. */
public final class Tokenizers {
  /** What a folder is searched for, in this order. */
  private static final List<String> FILE_NAMES =
      List.of("tokenizer.json", "tekken.json", "tokenizer.model", "tokenizer.bin");

  private static final List<Format> FORMATS =
      List.of(
          new Format("tekken.json", (file, options) -> TekkenJson.open(file)),
          new Format(
              "Hugging Face tokenizer.json",
              (file, options) -> HuggingFaceJsonTokenizer.open(file)),
          new Format("tiktoken", TiktokenFile::open),
          new Format("SentencePiece", (file, options) -> SentencePieceTokenizer.open(file)),
          new Format("llama2.c", (file, options) -> Llama2cFile.open(file)));

  private record Format(
      String name, BiFunction<TokenizerFile, TiktokenOptions, Tokenizer> reader) {}

  private Tokenizers() {}

  /** As {@link #load(Path, TiktokenOptions)}, with those of Llama 3. */
  public static Tokenizer load(Path path) {
    return load(path, TiktokenOptions.LLAMA_3);
  }

  /**
   * Opens a tokenizer of any of these formats: {@code tekken.json}, Hugging Face's {@code
   * tokenizer.json}, tiktoken, SentencePiece, llama2.c. The content of the file decides which it
   * is, whatever its name.
   *
   * <p>Beginning- and end-of-sequence tokens are those that the format names; of a {@code
   * tokenizer.json}, those that {@code special_tokens_map.json} or {@code tokenizer_config.json} in
   * the same folder name. They are unknown, and never guessed, where nothing names them.
   *
   * @param path the file, of at most 64 MiB, or a folder with a file {@code tokenizer.json}, {@code
   *     tekken.json}, {@code tokenizer.model} or {@code tokenizer.bin}, of which the first counts
   * @param tiktoken what a tiktoken file leaves out; of no account to other formats
   * @throws InvalidModelException saying of each format why the file is none of it
   */
  public static Tokenizer load(Path path, TiktokenOptions tiktoken) {
    TokenizerFile file = TokenizerFile.read(Files.isDirectory(path) ? inFolder(path) : path);
    List<InvalidModelException> refusals = new ArrayList<>();
    StringBuilder reasons = new StringBuilder();
    for (Format format : FORMATS) {
      try {
        return format.reader.apply(file, tiktoken);
      } catch (InvalidModelException e) {
        reasons.append(" As ").append(format.name).append(": ").append(e.getMessage()).append('.');
        refusals.add(e);
      }
    }
    InvalidModelException refused =
        new InvalidModelException(
            "Tokenizer " + file.path() + " is of no format that can be read." + reasons);
    refusals.forEach(refused::addSuppressed);
    throw refused;
  }

  private static Path inFolder(Path folder) {
    return FILE_NAMES.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "Tokenizer folder "
                        + folder
                        + " has none of "
                        + String.join(", ", FILE_NAMES)));
  }
}
