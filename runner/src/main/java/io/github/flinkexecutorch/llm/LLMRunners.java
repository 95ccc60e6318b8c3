package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.TiktokenOptions;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Path;
import java.util.List;

/** From files to runners, under the names of ExecuTorch's own helpers. */
public final class LLMRunners {
  private LLMRunners() {}

  /**
   * Opens a tokenizer; see {@link Tokenizers#load(Path)}.
   *
   * @throws InvalidModelException saying what was tried and why it failed
   */
  public static Tokenizer loadTokenizer(Path path) {
    return Tokenizers.load(path);
  }

  /**
   * Opens a tokenizer that may be a tiktoken file, which names neither its pattern nor its special
   * tokens; see {@link Tokenizers#load(Path, TiktokenOptions)}.
   *
   * @throws InvalidModelException saying what was tried and why it failed
   */
  public static Tokenizer loadTokenizer(Path path, TiktokenOptions tiktoken) {
    return Tokenizers.load(path, tiktoken);
  }

  /** A runner over one mapped {@code .pte} file that computes on the calling thread. */
  public static TextLLMRunner createTextLLMRunner(Path model, Tokenizer tokenizer) {
    return createTextLLMRunner(model, tokenizer, List.of(), LoadMode.MMAP, Threading.INLINE);
  }

  /**
   * A runner over one program.
   *
   * @param dataFiles {@code .ptd} files with weights that the model leaves outside; often none
   * @return a runner to close when done; the tokenizer stays the caller's
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if a file cannot be used
   */
  public static TextLLMRunner createTextLLMRunner(
      Path model,
      Tokenizer tokenizer,
      List<Path> dataFiles,
      LoadMode loadMode,
      Threading threading) {
    try (Program program = Program.open(model, dataFiles, loadMode)) {
      return new TextLLMRunner(program.openModule(threading), tokenizer);
    }
  }

  /** What a model says of itself; see {@link LLMMetadata#read}. */
  public static LLMMetadata getLLMMetadata(ExecuTorchModule module) {
    return LLMMetadata.read(module);
  }
}
