package io.github.flinkexecutorch.jobs.captioning;

import java.util.LinkedHashMap;
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

  /** Images without. */
  static final String DEAD_LETTERS = "dead-letters";

  /** Images that an earlier run has finished. */
  static final String SKIPPED = "skipped";

  static final String GENERATED_TOKENS = "generated-tokens";

  private final Map<String, LongCounter> counters = new LinkedHashMap<>();
  private final Map<String, ListState<Long>> states = new LinkedHashMap<>();

  /** For an operator of the job, when its state is initialized. */
  static Tally restored(
      FunctionInitializationContext context, RuntimeContext task, String... names)
      throws Exception {
    Tally tally = new Tally();
    for (String name : names) {
      ListState<Long> state =
          context
              .getOperatorStateStore()
              .getListState(new ListStateDescriptor<>("tally-" + name, Types.LONG));
      LongCounter counter = new LongCounter();
      for (long count : state.get()) {
        counter.add(count);
      }
      task.addAccumulator(name, counter);
      tally.counters.put(name, counter);
      tally.states.put(name, state);
    }
    return tally;
  }

  void add(String name, long count) {
    counters.get(name).add(count);
  }

  /** To be called with every checkpoint. */
  void snapshot() throws Exception {
    for (Map.Entry<String, ListState<Long>> state : states.entrySet()) {
      state.getValue().update(List.of(counters.get(state.getKey()).getLocalValue()));
    }
  }
}
