package io.github.flinkexecutorch.connector;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Splits outcomes, because an async function has no side outputs: completions to the main output,
 * stats and failures beside it. The one place where the {@link FailurePolicy} is applied.
 */
final class ResultRouter extends ProcessFunction<Outcome, Completion> {
  private static final long serialVersionUID = 1L;

  static final OutputTag<StatsReport> STATS =
      new OutputTag<>("stats", TypeInformation.of(StatsReport.class));
  static final OutputTag<Failure> FAILURES =
      new OutputTag<>("failures", TypeInformation.of(Failure.class));

  private final FailurePolicy policy;

  private transient Counter skipped;

  ResultRouter(FailurePolicy policy) {
    this.policy = policy;
  }

  @Override
  public void open(OpenContext context) {
    skipped = LlmMetric.SKIPPED.counterIn(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(Outcome outcome, Context context, Collector<Completion> completions) {
    if (outcome.failure() == null) {
      completions.collect(outcome.completion());
      context.output(STATS, outcome.stats());
      return;
    }
    switch (policy) {
      case FAIL -> throw new InferenceFailedException(outcome.failure());
      case SKIP -> skipped.inc();
      case DEAD_LETTER -> context.output(FAILURES, outcome.failure());
    }
  }
}
