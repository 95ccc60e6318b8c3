package io.github.flinkexecutorch.llm;

import java.util.function.DoubleConsumer;
import java.util.function.ObjLongConsumer;

/**
 * Memory of an accelerator around one generation, under the names of ExecuTorch's runner. The
 * kernels and delegates of this build run on CPUs, so it is {@link #ABSENT} here.
 *
 * @param totalBytes size of the memory, -1 if absent
 * @param freeBeforeLoadBytes free before the model was loaded, -1 if absent
 * @param freeAfterLoadBytes free after the model was loaded, -1 if absent
 * @param freeAfterGenerateBytes free after the generation, -1 if absent
 * @param peakUsageMb most that was in use, in megabytes, -1 if absent
 */
public record GpuMemory(
    long totalBytes,
    long freeBeforeLoadBytes,
    long freeAfterLoadBytes,
    long freeAfterGenerateBytes,
    double peakUsageMb) {
  /** No accelerator. */
  public static final GpuMemory ABSENT = new GpuMemory(-1, -1, -1, -1, -1);

  /** Hands out what is present, in the order of upstream's JSON. */
  void print(ObjLongConsumer<String> bytes, DoubleConsumer peakMb) {
    print(bytes, "gpu_total_bytes", totalBytes);
    print(bytes, "gpu_free_before_load_bytes", freeBeforeLoadBytes);
    print(bytes, "gpu_free_after_load_bytes", freeAfterLoadBytes);
    print(bytes, "gpu_free_after_generate_bytes", freeAfterGenerateBytes);
    if (peakUsageMb >= 0) {
      peakMb.accept(peakUsageMb);
    }
  }

  private static void print(ObjLongConsumer<String> bytes, String key, long value) {
    if (value >= 0) {
      bytes.accept(key, value);
    }
  }
}
