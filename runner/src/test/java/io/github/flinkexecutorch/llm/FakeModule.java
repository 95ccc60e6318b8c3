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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A decoder whose logits are scripted: a function of the sequence that it was fed. It checks its
 * inputs as a real program would, and remembers every execution.
 */
public final class FakeModule implements ExecuTorchModule {
  private final Function<List<Integer>, float[]> script;
  private final Map<String, EValue> constants = new HashMap<>();
  private final List<Integer> sequence = new ArrayList<>();
  private final List<List<Integer>> executions = new ArrayList<>();
  private int maxTokens = 1000;
  private boolean kvCache = true;
  private int moreInputs;
  private boolean positionPerToken;
  private int logitsRank = 2;
  private ScalarType logitsType = ScalarType.FLOAT;
  private int width = FakeTokenizer.VOCAB_SIZE;
  private Runnable beforeExecution = () -> {};
  private boolean closed;

  private FakeModule(Function<List<Integer>, float[]> script) {
    this.script = script;
    constants.put("get_max_seq_len", EValue.of(1000));
    constants.put("get_max_context_len", EValue.of(1000));
    constants.put("enable_dynamic_shape", EValue.of(true));
  }

  /** Logits by the sequence so far. */
  public static FakeModule scripted(Function<List<Integer>, float[]> script) {
    return new FakeModule(script);
  }

  /** Answers {@code prompt} with these tokens, and the last of them for ever. */
  public static FakeModule answering(String prompt, int... tokens) {
    int start = FakeTokenizer.ids(prompt).length;
    return scripted(
        sequence -> {
          int step = Math.min(sequence.size() - start, tokens.length - 1);
          return preferring(tokens[Math.max(0, step)]);
        });
  }

  /** Answers with the same token for ever. */
  public static FakeModule repeating(int token) {
    return scripted(sequence -> preferring(token));
  }

  static float[] preferring(int token) {
    float[] logits = new float[FakeTokenizer.VOCAB_SIZE];
    logits[token] = 8;
    return logits;
  }

  public FakeModule constant(String name, EValue value) {
    constants.put(name, value);
    return this;
  }

  FakeModule without(String constant) {
    constants.remove(constant);
    return this;
  }

  FakeModule maxTokens(int value) {
    maxTokens = value;
    return this;
  }

  FakeModule withoutKvCache() {
    kvCache = false;
    return this;
  }

  FakeModule moreInputs(int value) {
    moreInputs = value;
    return this;
  }

  FakeModule positionPerToken() {
    positionPerToken = true;
    return this;
  }

  FakeModule logits(ScalarType type, int rank) {
    logitsType = type;
    logitsRank = rank;
    return this;
  }

  FakeModule width(int value) {
    width = value;
    return this;
  }

  /** Runs at the beginning of each execution of the decoder; may block or throw. */
  public FakeModule beforeExecution(Runnable action) {
    beforeExecution = action;
    return this;
  }

  /** Tokens of each execution of the decoder. */
  List<List<Integer>> executions() {
    return executions;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public Set<String> methodNames() {
    Set<String> names = new HashSet<>(constants.keySet());
    names.add("forward");
    return names;
  }

  @Override
  public MethodMeta methodMeta(String method) {
    List<TensorMeta> inputs = new ArrayList<>();
    inputs.add(tensor(ScalarType.LONG, 1, maxTokens));
    if (kvCache) {
      inputs.add(tensor(ScalarType.LONG, positionPerToken ? maxTokens : 1));
    }
    for (int i = 0; i < moreInputs; i++) {
      inputs.add(tensor(ScalarType.FLOAT, 1));
    }
    TensorMeta logits =
        logitsRank == 2 ? tensor(logitsType, 1, width) : tensor(logitsType, 1, maxTokens, width);
    return new MethodMeta(method, inputs, List.of(logits), 0, List.of());
  }

  @Override
  public void loadMethod(String method) {}

  @Override
  public List<EValue> execute(String method, EValue... inputs) {
    if (!method.equals("forward")) {
      return List.of(constants.get(method));
    }
    beforeExecution.run();
    Tensor tokens = inputs[0].toTensor();
    int count = tokens.elements();
    if (count > maxTokens || inputs.length != (kvCache ? 2 : 1)) {
      throw new ExecuTorchException(ErrorCode.INVALID_ARGUMENT, count + " tokens are too many");
    }
    int position = kvCache ? position(inputs[1].toTensor(), count) : 0;
    sequence.subList(position, sequence.size()).clear();
    List<Integer> fed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      fed.add((int) tokens.longs().get(i));
    }
    executions.add(fed);
    sequence.addAll(fed);
    return List.of(EValue.of(logits(count)));
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
  public void close() {
    closed = true;
  }

  private int position(Tensor positions, int count) {
    if (positions.elements() != (positionPerToken ? count : 1)) {
      throw new ExecuTorchException(ErrorCode.INVALID_ARGUMENT, "Wrong count of positions");
    }
    int first = (int) positions.longs().get(0);
    for (int i = 1; i < positions.elements(); i++) {
      if (positions.longs().get(i) != first + i) {
        throw new ExecuTorchException(ErrorCode.INVALID_ARGUMENT, "Positions are not consecutive");
      }
    }
    if (first > sequence.size()) {
      throw new ExecuTorchException(ErrorCode.INVALID_ARGUMENT, "Positions leave a gap");
    }
    return first;
  }

  private Tensor logits(int count) {
    float[] row = script.apply(List.copyOf(sequence));
    int rows = logitsRank == 2 ? 1 : count;
    ByteBuffer bytes =
        Tensor.zeros(logitsType, (long) rows * width).bytes(); // earlier rows stay zero
    int start = (rows - 1) * width;
    for (int id = 0; id < row.length; id++) {
      switch (logitsType) {
        case FLOAT -> bytes.putFloat((start + id) * Float.BYTES, row[id]);
        case BFLOAT16 ->
            bytes.putShort(
                (start + id) * Short.BYTES, (short) (Float.floatToRawIntBits(row[id]) >>> 16));
        default -> throw new IllegalStateException("No fake logits of type " + logitsType);
      }
    }
    return logitsRank == 2
        ? Tensor.wrap(logitsType, bytes, 1, width)
        : Tensor.wrap(logitsType, bytes, 1, rows, width);
  }

  private static TensorMeta tensor(ScalarType type, long... sizes) {
    long elements = 1;
    List<Long> bounds = new ArrayList<>();
    for (long size : sizes) {
      bounds.add(size);
      elements *= size;
    }
    return new TensorMeta(EValue.Kind.TENSOR, type, bounds, elements * type.bytes());
  }
}
