package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import java.util.List;

/**
 * What a batched program says of itself beside {@link LLMMetadata}. In such a program the KV cache
 * is outside, and one execution computes tokens of many sequences.
 *
 * @param layers layers with attention ({@code get_n_layers})
 * @param kvHeads heads of keys and values in each of them ({@code get_n_kv_heads})
 * @param headSize length of a key ({@code get_head_dim})
 * @param maxStepTokens most tokens of one execution ({@code get_max_step_tokens})
 * @param maxStepRows most rows of logits of one execution ({@code get_max_step_rows})
 */
public record BatchedMetadata(
    int layers, int kvHeads, int headSize, int maxStepTokens, int maxStepRows) {
  /** The constant by whose presence a batched program is known. */
  static final String ABI = "get_batched_abi";

  private static final int KNOWN_ABI = 1;
  private static final int MOST = 1 << 16; // of what KV pages can hold

  /**
   * Runs the constant methods of a batched program.
   *
   * @throws InvalidModelException if one is absent or cannot be meant, or the program follows
   *     another version of the contract
   */
  public static BatchedMetadata read(ExecuTorchModule module) {
    int abi = LLMMetadata.integer(module, ABI, -1);
    if (abi < 0) {
      throw new InvalidModelException(
          "It is no batched program, it has no %s: open it with LLMRunners or RunnerPool, or export"
                  .formatted(ABI)
              + " the model with flink_executorch_models.export");
    }
    if (abi != KNOWN_ABI) {
      throw new InvalidModelException(
          "The program follows version %d of the contract of batched programs, this engine knows"
                  .formatted(abi)
              + " version %d: export the model with the exporter of this release"
                  .formatted(KNOWN_ABI));
    }
    return new BatchedMetadata(
        number(module, "get_n_layers", MOST),
        number(module, "get_n_kv_heads", MOST),
        number(module, "get_head_dim", MOST),
        number(module, "get_max_step_tokens", Integer.MAX_VALUE),
        number(module, "get_max_step_rows", Integer.MAX_VALUE));
  }

  private static int number(ExecuTorchModule module, String constant, int most) {
    List<Integer> values = LLMMetadata.integers(module, constant);
    if (values.size() != 1 || values.get(0) < 1 || values.get(0) > most) {
      throw new InvalidModelException(
          "The batched program's constant %s is %s; it must be one number from 1 to %d"
              .formatted(constant, values, most));
    }
    return values.get(0);
  }
}
