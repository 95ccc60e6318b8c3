package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.connector.Outcome;
import io.github.flinkexecutorch.jobs.files.Tally;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Outcomes become caption records, and beside them dead letters; both are counted. */
final class CaptionRouter extends ProcessFunction<Outcome, CaptionRecord>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", TypeInformation.of(DeadLetter.class));

  private transient Tally tally;

  @Override
  public void processElement(Outcome outcome, Context context, Collector<CaptionRecord> captions) {
    if (outcome.failure() != null) {
      context.output(DEAD_LETTERS, DeadLetter.of(outcome.failure()));
      tally.add(Tally.DEAD_LETTERS + outcome.failure().kind(), 1);
      return;
    }
    captions.collect(CaptionRecord.of(outcome.completion(), outcome.stats()));
    tally.add(Tally.COMPLETED, 1);
    tally.add(Tally.GENERATED_TOKENS, outcome.completion().generatedTokens());
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
