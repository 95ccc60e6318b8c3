package io.github.flinkexecutorch.llm.engine;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/**
 * Stands between an engine and its model and remembers the rows of logits that each request was
 * given, by the position whose row it is. A position that is computed again must give the same bits
 * again.
 */
final class LogitsRecorder implements UnaryOperator<StepModel> {
  private final Map<String, NavigableMap<Integer, Long>> hashes = new ConcurrentHashMap<>();
  private final Map<String, Map<Integer, float[]>> rows = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> contradictions = new ConcurrentLinkedQueue<>();
  private final boolean keepsRows;
  private volatile CountDownLatch start = new CountDownLatch(0);

  private LogitsRecorder(boolean keepsRows) {
    this.keepsRows = keepsRows;
  }

  /** Keeps a hash of every row. */
  static LogitsRecorder ofHashes() {
    return new LogitsRecorder(false);
  }

  /** Keeps the rows themselves too. */
  static LogitsRecorder ofRows() {
    return new LogitsRecorder(true);
  }

  @Override
  public StepModel apply(StepModel model) {
    return new Recording(model);
  }

  /** Lets the model wait with its next step until {@link #release}. */
  void hold() {
    start = new CountDownLatch(1);
  }

  void release() {
    start.countDown();
  }

  /** Hashes of a request's rows, by position. Read it after the request is complete. */
  NavigableMap<Integer, Long> hashes(String id) {
    return hashes.getOrDefault(id, new TreeMap<>());
  }

  /** A request's row of a position. */
  float[] row(String id, int position) {
    return rows.get(id).get(position);
  }

  /** Positions that were computed twice with different results. */
  List<String> contradictions() {
    return List.copyOf(contradictions);
  }

  private void record(String id, int position, float[] row) {
    long hash = hash(row);
    Long before = hashes.computeIfAbsent(id, absent -> new TreeMap<>()).put(position, hash);
    if (before != null && before != hash) {
      contradictions.add(id + " at " + position);
    }
    if (keepsRows) {
      rows.computeIfAbsent(id, absent -> new ConcurrentHashMap<>()).put(position, row.clone());
    }
  }

  private static long hash(float[] row) {
    long hash = row.length;
    for (float value : row) {
      hash = (hash ^ Float.floatToRawIntBits(value)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    return hash;
  }

  private final class Recording extends ForwardingModel {
    private Step latest;

    Recording(StepModel model) {
      super(model);
    }

    @Override
    public void execute(Step step) {
      try {
        start.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("Nobody interrupts an engine", e);
      }
      latest = step;
      super.execute(step);
    }

    @Override
    public void logits(int row, float[] logits) {
      super.logits(row, logits);
      for (Step.Run run : latest.runs()) {
        if (run.row() == row) {
          record(run.session().id(), run.session().computed() - 1, logits);
        }
      }
    }
  }
}
