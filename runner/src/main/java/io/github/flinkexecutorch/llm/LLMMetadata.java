package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an exported model says of itself, in constant methods that export_llm and optimum-executorch
 * write.
 *
 * @param maxSeqLen most tokens of one execution ({@code get_max_seq_len}; required)
 * @param maxContextLen most tokens of prompt and completion ({@code get_max_context_len}; as {@code
 *     maxSeqLen} if absent)
 * @param vocabSize the exporter's idea of the vocabulary ({@code get_vocab_size}; -1 if absent)
 * @param bosId beginning-of-sequence id ({@code get_bos_id}; -1 if absent)
 * @param eosIds end-of-sequence ids ({@code get_eos_ids} and {@code get_eos_id} together; often
 *     empty)
 * @param listedEosIds those of {@code get_eos_ids} alone
 * @param useKvCache whether the model keeps its KV cache ({@code use_kv_cache}; true if absent)
 * @param useSdpaWithKvCache whether it uses the fused attention operator ({@code
 *     use_sdpa_with_kv_cache}; false if absent)
 * @param enableDynamicShape whether one execution takes several tokens ({@code
 *     enable_dynamic_shape}; false if absent)
 * @param slidingWindow tokens that the model's attention looks back ({@code sliding_window}; -1 if
 *     absent)
 * @param decoderStartTokenId what completions of encoder-decoder models begin with ({@code
 *     decoder_start_token_id}; -1 if absent)
 */
public record LLMMetadata(
    int maxSeqLen,
    int maxContextLen,
    int vocabSize,
    int bosId,
    Set<Integer> eosIds,
    Set<Integer> listedEosIds,
    boolean useKvCache,
    boolean useSdpaWithKvCache,
    boolean enableDynamicShape,
    int slidingWindow,
    int decoderStartTokenId) {
  public LLMMetadata {
    requirePositive("get_max_seq_len", maxSeqLen);
    requirePositive("get_max_context_len", maxContextLen);
    eosIds = Set.copyOf(eosIds);
    listedEosIds = Set.copyOf(listedEosIds);
  }

  /**
   * Runs the constant methods of a module.
   *
   * @throws InvalidModelException if {@code get_max_seq_len} is absent, or a constant has a value
   *     that cannot be meant
   */
  public static LLMMetadata read(ExecuTorchModule module) {
    if (!module.methodNames().contains("get_max_seq_len")) {
      throw new InvalidModelException(
          "The program has no method get_max_seq_len, so it was not exported as a language model; "
              + "its methods are "
              + new TreeSet<>(module.methodNames())
              + ". Export it with export_llm or optimum-executorch");
    }
    int maxSeqLen = integer(module, "get_max_seq_len", -1);
    Set<Integer> listedEosIds = new TreeSet<>(integers(module, "get_eos_ids"));
    Set<Integer> eosIds = new TreeSet<>(listedEosIds);
    eosIds.addAll(integers(module, "get_eos_id"));
    return new LLMMetadata(
        maxSeqLen,
        integer(module, "get_max_context_len", maxSeqLen),
        integer(module, "get_vocab_size", -1),
        integer(module, "get_bos_id", -1),
        eosIds,
        listedEosIds,
        integer(module, "use_kv_cache", 1) != 0,
        integer(module, "use_sdpa_with_kv_cache", 0) != 0,
        integer(module, "enable_dynamic_shape", 0) != 0,
        integer(module, "sliding_window", -1),
        integer(module, "decoder_start_token_id", -1));
  }

  static int integer(ExecuTorchModule module, String method, int absent) {
    List<Integer> values = integers(module, method);
    return values.isEmpty() ? absent : values.get(0);
  }

  /** The values of a constant, written as one scalar, as a list or as several outputs. */
  static List<Integer> integers(ExecuTorchModule module, String method) {
    if (!module.methodNames().contains(method)) {
      return List.of();
    }
    return module.execute(method).stream()
        .flatMap(output -> longs(method, output).stream())
        .map(value -> narrow(method, value))
        .toList();
  }

  private static List<Long> longs(String method, EValue output) {
    return switch (output.kind()) {
      case NONE -> List.of();
      case LONG -> List.of(output.toLong());
      case BOOL -> List.of(output.toBoolean() ? 1L : 0L);
      case DOUBLE -> List.of((long) output.toDouble());
      case LONG_LIST -> Arrays.stream(output.toLongs()).boxed().toList();
      default ->
          throw new InvalidModelException(
              "The program's constant " + method + " is a " + output.kind() + ", not a number");
    };
  }

  private static int narrow(String method, long value) {
    if (value < -1 || value > Integer.MAX_VALUE) {
      throw new InvalidModelException(
          "The program's constant " + method + " is " + value + ", which is no count and no id");
    }
    return (int) value;
  }

  private static void requirePositive(String method, int value) {
    if (value < 1) {
      throw new InvalidModelException(
          "The program's constant " + method + " is " + value + "; it must be at least 1");
    }
  }
}
