package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.FinishReason;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // no test thread is ever interrupted while Flink's operator harness closes
class ResultRouterTest {
  private static final Completion COMPLETION =
      new Completion("a", null, "text", FinishReason.STOP, 1, 2, "digest");
  private static final StatsReport STATS =
      new StatsReport("a", null, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, "digest");
  private static final Failure FAILURE =
      new Failure(
          "b", null, FailureKind.TIMEOUT, FailureStage.GENERATE, "late", null, "job", 0, 0, 0);

  @Test
  void shouldSplitOutcomesWhenDeadLettersAreWanted() throws Exception {
    try (var router = routing(FailurePolicy.DEAD_LETTER)) {
      router.processElement(Outcome.completed(COMPLETION, STATS), 0);
      router.processElement(Outcome.failed(FAILURE), 0);

      assertThat(router.extractOutputValues())
          .usingRecursiveFieldByFieldElementComparator()
          .containsExactly(COMPLETION);
      assertThat(router.getSideOutput(ResultRouter.STATS))
          .extracting(record -> record.getValue())
          .containsExactly(STATS);
      assertThat(router.getSideOutput(ResultRouter.FAILURES))
          .extracting(record -> record.getValue())
          .containsExactly(FAILURE);
    }
  }

  @Test
  void shouldDropFailureWhenSkipping() throws Exception {
    try (var router = routing(FailurePolicy.SKIP)) {
      router.processElement(Outcome.failed(FAILURE), 0);
      router.processElement(Outcome.completed(COMPLETION, STATS), 0);

      assertThat(router.extractOutputValues())
          .usingRecursiveFieldByFieldElementComparator()
          .containsExactly(COMPLETION);
      assertThat(router.getSideOutput(ResultRouter.FAILURES)).isNull();
    }
  }

  @Test
  void shouldThrowNamingTheRequestWhenFailing() throws Exception {
    try (var router = routing(FailurePolicy.FAIL)) {
      assertThatThrownBy(() -> router.processElement(Outcome.failed(FAILURE), 0))
          .isInstanceOf(InferenceFailedException.class)
          .hasMessageContainingAll("Request b", "TIMEOUT", "late", "executorch.failure-policy");
    }
  }

  private static OneInputStreamOperatorTestHarness<Outcome, Completion> routing(
      FailurePolicy policy) throws Exception {
    var harness =
        new OneInputStreamOperatorTestHarness<Outcome, Completion>(
            new ProcessOperator<>(new ResultRouter(policy)));
    harness.open();
    return harness;
  }
}
