package io.github.flinkexecutorch.runtime;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Checks the tensors of {@code quantized_decomposed::embedding_*}, whose kernels end the process
 * where others return an error.
 */
final class EmbeddingArguments {
  private static final String PREFIX = "quantized_decomposed::embedding_";
  private static final int TENSOR_SCALAR_TYPE = 0;
  private static final int TENSOR_SIZES = 2;
  private static final int BYTE = 0;
  private static final int CHAR = 1;
  private static final Set<Integer> INDEX_TYPES = Set.of(3, 4);
  private static final Set<Integer> FLOAT_TYPES = Set.of(5, 6, 15);

  private final FlatBuffer in;
  private final String operator;
  private final Tensor weight;
  private final Tensor scales;
  private final Tensor indices;
  private final Tensor out;

  private record Tensor(int type, List<Integer> sizes) {
    int rank() {
      return sizes.size();
    }
  }

  private EmbeddingArguments(FlatBuffer in, String operator, int[] tensors) {
    this.in = in;
    this.operator = operator;
    this.weight = tensor(tensors[0]);
    this.scales = tensor(tensors[1]);
    this.indices = tensor(tensors[5]);
    this.out = tensor(tensors[operator.endsWith(".dtype_out") ? 7 : 6]);
  }

  static boolean areOf(String operator) {
    return operator.startsWith(PREFIX);
  }

  /**
   * Checks a call.
   *
   * @param tensors the tables of the arguments; of an optional one 0 if it is none
   * @throws IllegalArgumentException naming the operator and the wrong tensor
   */
  static void check(FlatBuffer in, String operator, int[] tensors) {
    EmbeddingArguments arguments = new EmbeddingArguments(in, operator, tensors);
    arguments.checkWeight();
    if (tensors[2] != 0) {
      Tensor zeroPoints = arguments.tensor(tensors[2]);
      arguments.require(
          zeroPoints.sizes().equals(arguments.scales.sizes())
              && zeroPoints.type() == arguments.out.type(),
          "zero points");
    }
    arguments.checkResult();
  }

  private void checkWeight() {
    boolean bytes = operator.contains("_byte.");
    require(
        weight.rank() == 2 && (weight.type() == BYTE || (bytes && weight.type() == CHAR)),
        "weights");
    int size = embeddingSize();
    require(
        (scales.rank() == 1 || scales.rank() == 2)
            && scales.sizes().get(0).equals(weight.sizes().get(0))
            && FLOAT_TYPES.contains(scales.type()),
        "scales");
    if (scales.rank() == 2) {
      int groups = scales.sizes().get(1);
      require(groups > 0 && size % groups == 0, "scales");
    }
  }

  private void checkResult() {
    require(INDEX_TYPES.contains(indices.type()), "indices");
    int rank = indices.rank();
    require(
        out.rank() == rank + 1
            && FLOAT_TYPES.contains(out.type())
            && out.sizes().subList(0, rank).equals(indices.sizes())
            && out.sizes().get(rank) == embeddingSize(),
        "result");
  }

  private int embeddingSize() {
    int packed = operator.contains("_2bit.") ? 4 : operator.contains("_4bit.") ? 2 : 1;
    return Math.multiplyExact(weight.sizes().get(1), packed);
  }

  private void require(boolean right, String what) {
    if (!right) {
      throw new IllegalArgumentException("a call of " + operator + " has unfit " + what);
    }
  }

  private Tensor tensor(int table) {
    List<Integer> sizes =
        IntStream.range(0, in.length(table, TENSOR_SIZES))
            .mapToObj(i -> in.intOf(table, TENSOR_SIZES, i))
            .toList();
    return new Tensor(in.byteAt(table, TENSOR_SCALAR_TYPE), sizes);
  }
}
