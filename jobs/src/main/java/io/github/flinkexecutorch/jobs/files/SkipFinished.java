package io.github.flinkexecutorch.jobs.files;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.functions.RichFilterFunction;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.function.SerializableFunction;

/**
 * Leaves out records that have a result in the output already; those with a dead letter are tried
 * again. Holds the ids of all results, some hundred bytes each, in every subtask.
 *
 * <p>What was there when the run began decides, and its files are part of the state: a restart
 * leaves out the same records, and not those of which the run itself has committed one with the
 * same id.
 */
@Internal
public final class SkipFinished<T> extends RichFilterFunction<T> implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;
  private static final MapStateDescriptor<String, Boolean> PARTS =
      new MapStateDescriptor<>("finished-parts", Types.STRING, Types.BOOLEAN);

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
    // Broadcast: each subtask has all files, however many subtasks there are after a restart.
    BroadcastState<String, Boolean> parts =
        context.getOperatorStateStore().getBroadcastState(PARTS);
    if (!context.isRestored()) { // nothing is committed before the first checkpoint
      for (Path part : output.parts(results)) {
        parts.put(part.toString(), true);
      }
    }
    finished = new HashSet<>();
    for (Map.Entry<String, Boolean> part : parts.immutableEntries()) {
      try (Stream<String> ids = OutputFolder.ids(new Path(part.getKey()))) {
        ids.forEach(finished::add);
      }
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    tally.snapshot();
  }
}
