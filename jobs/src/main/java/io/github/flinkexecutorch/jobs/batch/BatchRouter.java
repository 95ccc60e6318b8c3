package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.Failure;
import io.github.flinkexecutorch.connector.Outcome;
import io.github.flinkexecutorch.jobs.files.ProcessUse;
import io.github.flinkexecutorch.jobs.files.Tally;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Outcomes become completions, and beside them failures; both are counted, and what they cost. */
final class BatchRouter extends ProcessFunction<Outcome, Completion>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  static final OutputTag<Failure> FAILURES =
      new OutputTag<>("failures", TypeInformation.of(Failure.class));

  private final long submitted = System.currentTimeMillis();

  private transient Tally tally;
  private transient ProcessUse process;

  @Override
  public void processElement(Outcome outcome, Context context, Collector<Completion> completions) {
    if (outcome.failure() != null) {
      context.output(FAILURES, outcome.failure());
      tally.add(Tally.DEAD_LETTERS + outcome.failure().kind(), 1);
    } else {
      Completion completion = outcome.completion();
      completions.collect(completion);
      tally.add(Tally.COMPLETED, 1);
      tally.add(Tally.PROMPT_TOKENS, completion.promptTokens());
      tally.add(Tally.CACHED_PROMPT_TOKENS, outcome.stats().cachedPromptTokens());
      tally.add(Tally.GENERATED_TOKENS, completion.generatedTokens());
    }
    process.report(tally, submitted);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    tally = Tally.restored(context, getRuntimeContext());
    process = ProcessUse.of(getRuntimeContext().getJobInfo().getJobId());
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    process.report(tally, submitted);
    tally.snapshot();
  }

  @Override
  public void close() {
    if (process != null) {
      process.report(tally, submitted);
    }
  }
}
