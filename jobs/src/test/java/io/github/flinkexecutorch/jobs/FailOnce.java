package io.github.flinkexecutorch.jobs;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * Passes records on, and fails its task once: in the middle of the stream, at the first record that
 * follows a completed checkpoint and {@code minRecords} records of the same subtask, and at which
 * the test is ready. Slows the stream down, so that all of that comes before the end.
 */
public final class FailOnce<T> extends RichMapFunction<T, T> implements CheckpointListener {
  private static final long serialVersionUID = 1L;
  private static final long PAUSE_MS = 10;
  private static final long DUE_PAUSE_MS = 50;
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  private final int minRecords;
  private final SerializableSupplier<Boolean> ready;
  private transient int records;
  private transient boolean checkpointed;

  public FailOnce(int minRecords) {
    this(minRecords, () -> true);
  }

  public FailOnce(int minRecords, SerializableSupplier<Boolean> ready) {
    this.minRecords = minRecords;
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
    Thread.sleep(due ? DUE_PAUSE_MS : PAUSE_MS);
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
