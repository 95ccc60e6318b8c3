package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.TiktokenOptions;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.Program;
import java.nio.file.Path;

/**
 * From files to runners, under the names of ExecuTorch's own helpers. A runner is closed by whoever
 * made it; the tokenizer stays the caller's.
 */
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

  /** A runner of text prompts with {@link RunnerOptions#DEFAULTS}. */
  public static TextLLMRunner createTextLLMRunner(Path model, Tokenizer tokenizer) {
    return createTextLLMRunner(model, tokenizer, RunnerOptions.DEFAULTS);
  }

  /**
   * A runner of text prompts.
   *
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if a file cannot be used
   */
  public static TextLLMRunner createTextLLMRunner(
      Path model, Tokenizer tokenizer, RunnerOptions options) {
    return new TextLLMRunner(
        open(model, options), tokenizer, options.method(), options.compatibility());
  }

  /** A runner of text, images and audio with {@link RunnerOptions#DEFAULTS}. */
  public static MultimodalRunner createMultimodalRunner(Path model, Tokenizer tokenizer) {
    return createMultimodalRunner(model, tokenizer, RunnerOptions.DEFAULTS);
  }

  /**
   * A runner of text, images and audio.
   *
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if a file cannot be used
   */
  public static MultimodalRunner createMultimodalRunner(
      Path model, Tokenizer tokenizer, RunnerOptions options) {
    return new MultimodalRunner(open(model, options), tokenizer, options.compatibility());
  }

  /** A runner of encoder-decoder models with {@link RunnerOptions#DEFAULTS}. */
  public static Seq2SeqRunner createSeq2SeqRunner(Path model, Tokenizer tokenizer) {
    return createSeq2SeqRunner(model, tokenizer, RunnerOptions.DEFAULTS);
  }

  /**
   * A runner of encoder-decoder models.
   *
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if a file cannot be used
   */
  public static Seq2SeqRunner createSeq2SeqRunner(
      Path model, Tokenizer tokenizer, RunnerOptions options) {
    return new Seq2SeqRunner(open(model, options), tokenizer);
  }

  /**
   * The runner that a model wants, told by its methods.
   *
   * @throws InvalidModelException if no runner of this library runs models of its family
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if a file cannot be used
   */
  public static IRunner createRunner(Path model, Tokenizer tokenizer, RunnerOptions options) {
    return createRunner(open(model, options), tokenizer, options.method(), options.compatibility());
  }

  /**
   * As above, over a module that is open already.
   *
   * @param module closed with the runner, and if there is none for it
   */
  public static IRunner createRunner(
      ExecuTorchModule module, Tokenizer tokenizer, String method, Compatibility compatibility) {
    ModelKind kind = ModelKind.of(module);
    return switch (kind) {
      case TEXT_DECODER, PREFILL_DECODE, OTHER -> // which tells best what another program lacks
          new TextLLMRunner(module, tokenizer, method, compatibility);
      case MULTIMODAL -> new MultimodalRunner(module, tokenizer, compatibility);
      case SEQ2SEQ -> new Seq2SeqRunner(module, tokenizer);
      default -> {
        String origin = module.origin();
        module.close();
        throw new InvalidModelException(
            kind == ModelKind.BATCHED
                ? "Model %s is a %s: open it with LLMEngine".formatted(origin, kind.description())
                : "Model %s cannot run here: it is a %s".formatted(origin, kind.description()));
      }
    };
  }

  /** What a model says of itself; see {@link LLMMetadata#read}. */
  public static LLMMetadata getLLMMetadata(ExecuTorchModule module) {
    return LLMMetadata.read(module);
  }

  private static ExecuTorchModule open(Path model, RunnerOptions options) {
    try (Program program = Program.open(model, options.dataFiles(), options.loadMode())) {
      return program.openModule(options.threading());
    }
  }
}
