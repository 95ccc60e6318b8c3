package io.github.flinkexecutorch.runtime;

/**
 * Settings that the whole process shares, jobs and class loaders included. Each can be set once;
 * setting the same value again changes nothing, another value is refused.
 */
public final class ExecuTorchRuntime {
  private ExecuTorchRuntime() {}

  /**
   * Sets how many threads the pool of {@link Threading#POOL} has, the calling thread counted.
   *
   * @throws ExecuTorchException {@link ErrorCode#INVALID_STATE} if the pool has another size and
   *     was set or used already
   */
  public static void setPoolThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("A pool needs at least 1 thread, got " + threads);
    }
    Native.require();
    Native.check(
        NativeBridge.et_set_pool_threads(threads),
        "Cannot give the pool "
            + threads
            + " threads (set it once, before the first module that uses the pool)");
  }

  /**
   * How many threads the pool has. Unless set, as many as the machine has fast cores, but no more
   * than this process has processors, which a container limits.
   */
  public static int poolThreads() {
    Native.require();
    return NativeBridge.et_pool_threads();
  }
}
