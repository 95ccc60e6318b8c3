package io.github.flinkexecutorch.connector;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;

/** Passes on what it gets, and fails its task once, at the first after a completed checkpoint. */
final class FailOnceAfterCheckpoint<T> extends RichMapFunction<T, T> implements CheckpointListener {
  private static final long serialVersionUID = 1L;
  private static final AtomicInteger FAILURES = new AtomicInteger();

  private transient volatile boolean checkpointed;

  FailOnceAfterCheckpoint() {
    FAILURES.set(0);
  }

  /** How often the latest one has failed; the functions run in this JVM. */
  static int failures() {
    return FAILURES.get();
  }

  @Override
  public T map(T element) {
    if (checkpointed && FAILURES.compareAndSet(0, 1)) {
      throw new IllegalStateException("injected");
    }
    return element;
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    checkpointed = true;
  }
}
