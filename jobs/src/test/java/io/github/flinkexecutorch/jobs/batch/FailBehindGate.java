package io.github.flinkexecutorch.jobs.batch;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * Passes records on, and fails its task once: at the first record after a checkpoint at which the
 * test was ready. Only then is the {@link Gate} opened, so that there is such a record.
 */
final class FailBehindGate<T> extends RichMapFunction<T, T> implements CheckpointListener {
  private static final AtomicBoolean READY = new AtomicBoolean();
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  private final SerializableSupplier<Boolean> ready;

  /** To be made anew for each test. */
  FailBehindGate(SerializableSupplier<Boolean> ready) {
    this.ready = ready;
    READY.set(false);
    FAILED.set(false);
  }

  /** Whether the failure has happened; the functions run in this JVM. */
  static boolean hasFailed() {
    return FAILED.get();
  }

  @Override
  public T map(T record) {
    if (READY.get() && FAILED.compareAndSet(false, true)) {
      throw new IllegalStateException("Injected failure");
    }
    return record;
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    if (!READY.get() && ready.get() && READY.compareAndSet(false, true)) {
      Gate.open();
    }
  }
}
