package io.github.flinkexecutorch.llm.engine;

import static io.github.flinkexecutorch.llm.engine.BatchedSignature.FORWARD;
import static io.github.flinkexecutorch.llm.engine.BatchedSignature.TEXT_DECODER;
import static io.github.flinkexecutorch.llm.engine.BatchedSignature.TOKEN_EMBEDDING;

import io.github.flinkexecutorch.llm.BatchedMetadata;
import io.github.flinkexecutorch.llm.LLMMetadata;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.KvPages;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.Threading;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/** An open batched program with its KV pages. Confined to the engine's thread. */
final class BatchedModel implements StepModel {
  private final Program program;
  private final Threading threading;
  private final XnnpackOptions xnnpack;
  private final LLMMetadata metadata;
  private final BatchedMetadata batched;
  private final BatchedSignature signature;
  private ExecuTorchModule module;
  private KvPages pages;
  private StepTensors tensors;
  private StepEmbeddings embeddings;
  private FloatBuffer logits;

  /**
   * Opens a module and loads its methods.
   *
   * @throws io.github.flinkexecutorch.llm.InvalidModelException if it is no batched program
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if the runtime refuses it
   */
  BatchedModel(Program program, Threading threading, XnnpackOptions xnnpack) {
    this.program = program;
    this.threading = threading;
    this.xnnpack = xnnpack;
    this.module = program.openModule(threading, xnnpack);
    try {
      this.batched = BatchedMetadata.read(module);
      this.metadata = LLMMetadata.read(module);
      this.signature = BatchedSignature.read(module);
      signature.methods().forEach(module::loadMethod);
    } catch (RuntimeException | Error e) {
      module.close();
      throw e;
    }
  }

  LLMMetadata metadata() {
    return metadata;
  }

  BatchedMetadata batched() {
    return batched;
  }

  BatchedSignature signature() {
    return signature;
  }

  /** Planned memory of the loaded methods. */
  long plannedBytes() {
    return module.memoryReport().plannedBytes().values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /** Whether XNNPACK has a packed copy of the weights. */
  boolean packsWeights() {
    return signature.methods().stream()
        .anyMatch(method -> module.methodMeta(method).backends().contains("XnnpackBackend"));
  }

  /** Allocates the pages, and room for steps of so many tokens of so many sequences. */
  void allocate(KvPages.Shape shape, int count, int maxStepTokens, int maxSequences) {
    pages = KvPages.allocate(shape, count);
    int tokens = Math.max(maxStepTokens, maxSequences);
    int perSequence = (metadata.maxContextLen() + shape.pageTokens() - 1) / shape.pageTokens();
    tensors = new StepTensors(tokens, maxSequences, maxSequences, perSequence);
    embeddings = signature.multimodal() ? new StepEmbeddings(tokens, signature.hidden()) : null;
  }

  @Override
  public void execute(Step step) {
    tensors.fill(step);
    logits = run(step).get(0).toTensor().floats();
  }

  private List<EValue> run(Step step) {
    EValue positions = tensors.positions();
    EValue rows = tensors.rows();
    if (!signature.multimodal()) {
      return module.executePaged(
          FORWARD, pages, tensors.pages(), tensors.textTokens(), positions, rows);
    }
    ByteBuffer text =
        tensors.textCount() == 0
            ? ByteBuffer.allocateDirect(0)
            : module
                .execute(TOKEN_EMBEDDING, tensors.textTokens())
                .get(0)
                .toTensor()
                .bytes();
    return module.executePaged(
        TEXT_DECODER, pages, tensors.pages(), embeddings.fill(step, text), positions, rows);
  }

  @Override
  public void logits(int row, float[] target) {
    logits.get(row * target.length, target);
  }

  ExecuTorchModule module() {
    return module;
  }

  /** Loads the methods anew: what a failed execution leaves behind is unknown. */
  @Override
  public void recover() {
    module.close();
    module = program.openModule(threading, xnnpack);
    signature.methods().forEach(module::loadMethod);
  }

  @Override
  public void close() {
    module.close();
    if (pages != null) {
      pages.close();
    }
  }
}
