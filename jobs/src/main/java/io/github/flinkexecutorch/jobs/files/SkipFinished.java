package io.github.flinkexecutorch.jobs.files;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFilterFunction;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.function.SerializableFunction;

/**
 * Leaves out records that have a result in the output already; those with a dead letter are tried
 * again. Holds the ids of all results, some hundred bytes each, in every subtask.
 *
 * <p>What it reads after a restart may be more than before: results that this run has committed.
 * The source does not send those again, so that makes no difference.
 */
@Internal
public final class SkipFinished<T> extends RichFilterFunction<T> implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  private final OutputFolder output;
  private final String results;
  private final SerializableFunction<T, String> id;

  private transient Set<String> finished;
  private transient Tally tally;

  /**
   * @param results folder of the output that has the results
   * @param id of a record, as its result has it
   */
  public SkipFinished(OutputFolder output, String results, SerializableFunction<T, String> id) {
    this.output = output;
    this.results = results;
    this.id = id;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    finished = new HashSet<>();
    try (Stream<String> ids = output.ids(results)) {
      ids.forEach(finished::add);
    }
  }

  @Override
  public boolean filter(T record) {
    if (!finished.contains(id.apply(record))) {
      return true;
    }
    tally.add(Tally.SKIPPED, 1);
    return false;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    tally = Tally.restored(context, getRuntimeContext());
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    tally.snapshot();
  }
}
