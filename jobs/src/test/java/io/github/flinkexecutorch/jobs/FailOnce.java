package io.github.flinkexecutorch.jobs;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;

/**
 * Passes records on, and fails its task once: in the middle of the stream, at the first record that
 * follows both a completed checkpoint and {@code minRecords} records of the same subtask. Slows the
 * stream down, so that there is a checkpoint before the end.
 */
public final class FailOnce<T> extends RichMapFunction<T, T> implements CheckpointListener {
  private static final long serialVersionUID = 1L;
  private static final long PAUSE_MS = 10;
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  private final int minRecords;
  private transient int records;
  private transient boolean checkpointed;

  public FailOnce(int minRecords) {
    this.minRecords = minRecords;
    FAILED.set(false);
  }

  /** Whether the failure has happened; the functions run in this JVM. */
  public static boolean hasFailed() {
    return FAILED.get();
  }

  @Override
  public T map(T record) throws Exception {
    Thread.sleep(PAUSE_MS);
    if (++records > minRecords && checkpointed && FAILED.compareAndSet(false, true)) {
      throw new IllegalStateException("Injected failure at record " + records);
    }
    return record;
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    checkpointed = true;
  }
}
