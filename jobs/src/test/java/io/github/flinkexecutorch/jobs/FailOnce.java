package io.github.flinkexecutorch.jobs;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * Passes records on, and fails its task once: in the middle of the stream, at the first record that
 * follows a completed checkpoint and {@code minRecords} records of the same subtask, and at which
 * the test is ready. Slows the stream down, the more the longer it waits for that, so that all of
 * it comes before the end also where checkpoints take long.
 */
public final class FailOnce<T> extends RichMapFunction<T, T> implements CheckpointListener {
  private static final long serialVersionUID = 1L;
  private static final long PAUSE_MS = 10;
  private static final long SHORT_PAUSE_MS = 50;
  private static final long LONG_PAUSE_MS = 2_000;
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  private final int minRecords;
  private final long longestPauseMs;
  private final SerializableSupplier<Boolean> ready;
  private transient int records;
  private transient boolean checkpointed;
  private transient long pauseMs;

  /** Right behind a source, where a checkpoint waits for one record at most. */
  public FailOnce(int minRecords) {
    this(minRecords, LONG_PAUSE_MS, () -> true);
  }

  /** Anywhere, also where a checkpoint waits behind many records, which long pauses would hold. */
  public FailOnce(int minRecords, SerializableSupplier<Boolean> ready) {
    this(minRecords, SHORT_PAUSE_MS, ready);
  }

  private FailOnce(int minRecords, long longestPauseMs, SerializableSupplier<Boolean> ready) {
    this.minRecords = minRecords;
    this.longestPauseMs = longestPauseMs;
    this.ready = ready;
    FAILED.set(false);
  }

  /** Whether the failure has happened; the functions run in this JVM. */
  public static boolean hasFailed() {
    return FAILED.get();
  }

  @Override
  public T map(T record) throws Exception {
    boolean due = ++records > minRecords && !hasFailed();
    pauseMs = due ? Math.min(2 * pauseMs, longestPauseMs) : PAUSE_MS;
    Thread.sleep(pauseMs);
    if (due && checkpointed && ready.get() && FAILED.compareAndSet(false, true)) {
      throw new IllegalStateException("Injected failure at record " + records);
    }
    return record;
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    checkpointed = true;
  }
}
