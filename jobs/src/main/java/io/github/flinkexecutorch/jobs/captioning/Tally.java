package io.github.flinkexecutorch.jobs.captioning;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * What an operator has counted, for the client that follows the job: accumulators that go on after
 * a restart from where the checkpoint was.
 */
final class Tally {
  /** Images with a caption. */
  static final String CAPTIONS = "captions";

  /** Images that an earlier run has finished. */
  static final String SKIPPED = "skipped";

  static final String GENERATED_TOKENS = "generated-tokens";

  /** Images without a caption, by the kind of failure that follows. */
  static final String DEAD_LETTERS = "dead-letters.";

  private final RuntimeContext task;
  private final ListState<Map<String, Long>> state;
  private final Map<String, LongCounter> counters = new HashMap<>();

  private Tally(RuntimeContext task, ListState<Map<String, Long>> state) {
    this.task = task;
    this.state = state;
  }

  /** For an operator of the job, when its state is initialized. */
  static Tally restored(FunctionInitializationContext context, RuntimeContext task)
      throws Exception {
    ListState<Map<String, Long>> state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("tally", Types.MAP(Types.STRING, Types.LONG)));
    Tally tally = new Tally(task, state);
    for (Map<String, Long> counts : state.get()) {
      counts.forEach(tally::add);
    }
    return tally;
  }

  void add(String name, long count) {
    counters.computeIfAbsent(name, this::register).add(count);
  }

  /** To be called with every checkpoint. */
  void snapshot() throws Exception {
    Map<String, Long> counts = new HashMap<>();
    counters.forEach((name, counter) -> counts.put(name, counter.getLocalValue()));
    state.update(List.of(counts));
  }

  private LongCounter register(String name) {
    LongCounter counter = new LongCounter();
    task.addAccumulator(name, counter);
    return counter;
  }
}
