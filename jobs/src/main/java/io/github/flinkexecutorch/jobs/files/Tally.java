package io.github.flinkexecutorch.jobs.files;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.accumulators.LongMaximum;
import org.apache.flink.api.common.accumulators.SimpleAccumulator;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * What an operator has counted, for the client that follows the job: accumulators that go on after
 * a restart from where the checkpoint was.
 */
@Internal
public final class Tally {
  /** Records with a result. */
  public static final String COMPLETED = "completed";

  /** Records that an earlier run has finished. */
  public static final String SKIPPED = "skipped";

  public static final String PROMPT_TOKENS = "prompt-tokens";

  public static final String CACHED_PROMPT_TOKENS = "cached-prompt-tokens";

  public static final String GENERATED_TOKENS = "generated-tokens";

  /** Records without a result, by the kind of failure that follows. */
  public static final String DEAD_LETTERS = "dead-letters.";

  /** Begins the names of values of which the largest counts, and not the sum. */
  static final String MOST = "most.";

  private final RuntimeContext task;
  private final ListState<Map<String, Long>> state;
  private final Map<String, SimpleAccumulator<Long>> accumulators = new HashMap<>();

  private Tally(RuntimeContext task, ListState<Map<String, Long>> state) {
    this.task = task;
    this.state = state;
  }

  /** For an operator of the job, when its state is initialized. */
  public static Tally restored(FunctionInitializationContext context, RuntimeContext task)
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

  public void add(String name, long count) {
    accumulators.computeIfAbsent(name, this::register).add(count);
  }

  /** To be called with every checkpoint. */
  public void snapshot() throws Exception {
    Map<String, Long> counts = new HashMap<>();
    accumulators.forEach((name, count) -> counts.put(name, count.getLocalValue()));
    state.update(List.of(counts));
  }

  private SimpleAccumulator<Long> register(String name) {
    SimpleAccumulator<Long> accumulator =
        name.startsWith(MOST) ? new LongMaximum() : new LongCounter();
    task.addAccumulator(name, accumulator);
    return accumulator;
  }
}
