package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MemoryReport;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A multimodal program with a hidden size of 1: a token's embedding is its id, a pixel's is its
 * value plus {@link #PIXEL}. The decoder's logits are scripted by the embeddings so far.
 */
final class FakeMultimodalModule implements ExecuTorchModule {
  static final int PIXEL = 1000;
  static final int IMAGE_WIDTH = 2;

  private final Function<List<Integer>, float[]> script;
  private final Map<String, EValue> constants = new HashMap<>();
  private final List<Integer> sequence = new ArrayList<>();
  private final List<List<Integer>> executions = new ArrayList<>();
  private final Set<String> methods =
      new HashSet<>(Set.of("token_embedding", "text_decoder", "vision_encoder"));
  private int maxTokens = 100;

  FakeMultimodalModule(Function<List<Integer>, float[]> script) {
    this.script = script;
    constants.put("get_max_seq_len", EValue.of(100));
    constants.put("get_max_context_len", EValue.of(100));
  }

  /** Answers with the same token for ever. */
  static FakeMultimodalModule repeating(int token) {
    return new FakeMultimodalModule(sequence -> FakeModule.preferring(token));
  }

  FakeMultimodalModule constant(String name, EValue value) {
    constants.put(name, value);
    return this;
  }

  FakeMultimodalModule without(String method) {
    methods.remove(method);
    return this;
  }

  FakeMultimodalModule maxTokens(int value) {
    maxTokens = value;
    return this;
  }

  /** Embeddings of each execution of the decoder. */
  List<List<Integer>> executions() {
    return executions;
  }

  @Override
  public Set<String> methodNames() {
    Set<String> names = new HashSet<>(constants.keySet());
    names.addAll(methods);
    return names;
  }

  @Override
  public MethodMeta methodMeta(String method) {
    return switch (method) {
      case "token_embedding" ->
          meta(method, List.of(tensor(ScalarType.LONG, 1, maxTokens)), embeddings());
      case "text_decoder" ->
          meta(
              method,
              List.of(embeddings(), tensor(ScalarType.LONG, maxTokens)),
              tensor(ScalarType.FLOAT, 1, FakeTokenizer.VOCAB_SIZE));
      case "vision_encoder" ->
          meta(method, List.of(tensor(ScalarType.BYTE, 1, 1, 1, IMAGE_WIDTH)), embeddings());
      default -> throw new ExecuTorchException(ErrorCode.NOT_FOUND, method);
    };
  }

  @Override
  public void loadMethod(String method) {}

  @Override
  public List<EValue> execute(String method, EValue... inputs) {
    return switch (method) {
      case "token_embedding" -> List.of(EValue.of(embed(inputs[0].toTensor())));
      case "vision_encoder" -> List.of(EValue.of(encode(inputs[0].toTensor())));
      case "text_decoder" -> List.of(EValue.of(decode(inputs[0].toTensor(), inputs[1].toTensor())));
      default -> List.of(constants.get(method));
    };
  }

  @Override
  public void restoreState() {
    sequence.clear();
  }

  @Override
  public MemoryReport memoryReport() {
    return new MemoryReport(0, Map.of());
  }

  @Override
  public void close() {}

  private static Tensor embed(Tensor tokens) {
    float[] values = new float[tokens.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tokens.longs().get(i);
    }
    return Tensor.of(values, 1, values.length, 1);
  }

  private static Tensor encode(Tensor pixels) {
    float[] values = new float[pixels.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = PIXEL + (pixels.bytes().get(i) & 0xff);
    }
    return Tensor.of(values, 1, values.length, 1);
  }

  private Tensor decode(Tensor embeddings, Tensor positions) {
    int count = embeddings.elements();
    int first = (int) positions.longs().get(0);
    if (count > maxTokens || positions.elements() != count || first > sequence.size()) {
      throw new ExecuTorchException(ErrorCode.INVALID_ARGUMENT, "The decoder refuses its inputs");
    }
    List<Integer> fed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      fed.add((int) embeddings.floats().get(i));
    }
    executions.add(fed);
    sequence.subList(first, sequence.size()).clear();
    sequence.addAll(fed);
    return Tensor.of(script.apply(List.copyOf(sequence)), 1, FakeTokenizer.VOCAB_SIZE);
  }

  private TensorMeta embeddings() {
    return tensor(ScalarType.FLOAT, 1, maxTokens, 1);
  }

  private static MethodMeta meta(String name, List<TensorMeta> inputs, TensorMeta output) {
    return new MethodMeta(name, inputs, List.of(output), 0, List.of());
  }

  private static TensorMeta tensor(ScalarType type, long... sizes) {
    List<Long> bounds = new ArrayList<>();
    long elements = 1;
    for (long size : sizes) {
      bounds.add(size);
      elements *= size;
    }
    return new TensorMeta(EValue.Kind.TENSOR, type, bounds, elements * type.bytes());
  }
}
