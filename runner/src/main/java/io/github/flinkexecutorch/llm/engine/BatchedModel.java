package io.github.flinkexecutorch.llm.engine;

import static io.github.flinkexecutorch.llm.engine.BatchedSignature.FORWARD;
import static io.github.flinkexecutorch.llm.engine.BatchedSignature.TEXT_DECODER;
import static io.github.flinkexecutorch.llm.engine.BatchedSignature.TOKEN_EMBEDDING;
import static io.github.flinkexecutorch.llm.engine.BatchedSignature.VISION_ENCODER;

import io.github.flinkexecutorch.llm.BatchedMetadata;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.LLMMetadata;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.ExecutionProfile;
import io.github.flinkexecutorch.runtime.KvPages;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import io.github.flinkexecutorch.runtime.Threading;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** An open batched program with its KV pages. Confined to the engine's thread. */
final class BatchedModel implements StepModel {
  private final Program program;
  private final Threading threading;
  private final XnnpackOptions reloading;
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
   * @param loading how XNNPACK loads them
   * @param reloading how it loads them again after a failure: without a file of packed weights,
   *     which is no longer where it was or may be the cause
   * @throws InvalidModelException if it is no batched program
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if the runtime refuses it
   */
  BatchedModel(
      Program program, Threading threading, XnnpackOptions loading, XnnpackOptions reloading) {
    this.program = program;
    this.threading = threading;
    this.reloading = reloading;
    this.module = program.openModule(threading, loading);
    try {
      this.batched = BatchedMetadata.read(module);
      this.metadata = LLMMetadata.read(module);
      this.signature = BatchedSignature.read(module);
      signature.methods().forEach(module::loadMethod);
    } catch (InvalidModelException e) {
      module.close();
      throw new InvalidModelException("Model " + module.origin() + ": " + e.getMessage(), e);
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
    return module.memoryReport().plannedBytes().values().stream().mapToLong(Long::longValue).sum();
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
    EValue fed = signature.multimodal() ? embeddings.fill(step, textRows()) : tensors.textTokens();
    logits = decode(fed).get(0).toTensor().floats();
  }

  /**
   * Executes a step twice, in methods that are loaded for it alone, and records the second time.
   * The step is as it was then: it writes the same keys and values again when it is executed.
   *
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if the runtime refuses
   */
  ExecutionProfile profile(Step step) {
    ExecuTorchModule own = module;
    try (ExecuTorchModule recorded = program.openModule(threading, reloading)) {
      recorded.startEtDump();
      module = recorded;
      execute(step);
      execute(step);
      return recorded.stopProfile();
    } finally {
      module = own;
      logits = null; // they were the other module's
    }
  }

  private List<EValue> decode(EValue fed) {
    return module.executePaged(
        signature.multimodal() ? TEXT_DECODER : FORWARD,
        pages,
        tensors.pages(),
        fed,
        tensors.positions(),
        tensors.rows());
  }

  /** The embeddings of the step's tokens. */
  private ByteBuffer textRows() {
    if (tensors.textCount() == 0) {
      return ByteBuffer.allocateDirect(0);
    }
    return module.execute(TOKEN_EMBEDDING, tensors.textTokens()).get(0).toTensor().bytes();
  }

  @Override
  public void logits(int row, float[] target) {
    logits.get(row * target.length, target);
  }

  @Override
  public List<ByteBuffer> encode(List<Image> images) {
    List<Long> wanted = pixels();
    Tensor batch =
        Tensor.zeros(ScalarType.FLOAT, images.size(), wanted.get(1), wanted.get(2), wanted.get(3));
    FloatBuffer values = batch.floats();
    images.forEach(image -> values.put(image.floatData()));
    ByteBuffer rows = module.execute(VISION_ENCODER, EValue.of(batch)).get(0).toTensor().bytes();
    int size = rows.remaining() / images.size();
    List<ByteBuffer> embeddings = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      ByteBuffer own = ByteBuffer.allocateDirect(size);
      embeddings.add(own.put(rows.duplicate().position(i * size).limit((i + 1) * size)).flip());
    }
    return embeddings;
  }

  /** Most images {@code [N, C, H, W]} of one execution; there must be a vision encoder. */
  List<Long> pixels() {
    return module.methodMeta(VISION_ENCODER).inputs().get(0).sizes();
  }

  /** Executes once with one token and once with many: the first time takes longest. */
  void warmUp(int maxStepTokens) {
    int most = Math.min(maxStepTokens, pages.shape().pageTokens());
    for (int tokens : new int[] {1, most}) {
      tensors.fillWarmUp(tokens);
      decode(
          signature.multimodal()
              ? EValue.of(Tensor.zeros(ScalarType.FLOAT, tokens, signature.hidden()))
              : tensors.textTokens());
    }
  }

  /** Loads the methods anew: what a failed execution leaves behind is unknown. */
  @Override
  public void recover() {
    module.close();
    module = program.openModule(threading, reloading);
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
