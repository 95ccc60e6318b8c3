package io.github.flinkexecutorch.connector;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;

/**
 * What a process may take of memory, in bytes.
 *
 * @param taskOffHeap {@code taskmanager.memory.task.off-heap.size}, what Flink plans for native
 *     memory of users' code; {@link #UNKNOWN} where nobody says it
 * @param machine memory of the container, or of the machine where there is none
 * @param heap most that the Java heap may grow to
 */
record NativeMemory(long taskOffHeap, long machine, long heap) {
  static final long UNKNOWN = -1;
  private static final long MIB = 1L << 20;

  /** The limits of this process, as far as Flink says them to an operator. */
  static NativeMemory of(RuntimeContext operator) {
    return of(
        operator instanceof StreamingRuntimeContext streaming
            ? streaming
                .getTaskManagerRuntimeInfo()
                .getConfiguration()
                .getOptional(TaskManagerOptions.TASK_OFF_HEAP_MEMORY)
                .map(MemorySize::getBytes)
                .orElse(UNKNOWN)
            : UNKNOWN);
  }

  /** The limits of this process. */
  static NativeMemory of(long taskOffHeap) {
    return new NativeMemory(
        taskOffHeap,
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
        Runtime.getRuntime().maxMemory());
  }

  /**
   * Why a model that takes so many bytes does not fit, and what to set; empty if it does.
   *
   * @param pages whether keys and values are among them, whose size can be set
   */
  Optional<String> shortage(long bytes, boolean pages) {
    String instead = pages ? ", or lower " + ExecuTorchOptions.ENGINE_KV_CACHE_SIZE.key() : "";
    if (taskOffHeap != UNKNOWN && bytes > taskOffHeap) {
      return Optional.of(
          "The model takes %d MiB of native memory, but %s is %d MiB. Set that to %dm or more%s."
              .formatted(
                  inMib(bytes),
                  TaskManagerOptions.TASK_OFF_HEAP_MEMORY.key(),
                  taskOffHeap / MIB,
                  inMib(bytes),
                  instead));
    }
    if (bytes > machine - heap) {
      return Optional.of(
          "The model takes %d MiB of native memory, and the Java heap up to %d MiB, but the machine or container has %d MiB. Give it %d MiB or more%s."
              .formatted(inMib(bytes), inMib(heap), machine / MIB, inMib(bytes + heap), instead));
    }
    return Optional.empty();
  }

  private static long inMib(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }
}
