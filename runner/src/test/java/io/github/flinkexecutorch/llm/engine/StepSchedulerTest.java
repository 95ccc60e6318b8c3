package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepSchedulerTest {
  private final ExecuTorchException broken = new ExecuTorchException(ErrorCode.INTERNAL, "broken");
  private final FakeSequences sequences = new FakeSequences(64);

  @Test
  void shouldComputeCompletionsAndAPieceOfAPromptInOneStep() {
    SimulatedEngine engine = new SimulatedEngine(20, 16, true, 4, 20);
    LLMSession one = add(engine, 0, 10);
    LLMSession other = add(engine, 0, 10);
    engine.step();
    LLMSession prompt = add(engine, 0, 50);

    Step step = engine.step();

    assertThat(step.tokens()).isEqualTo(20);
    assertThat(step.rows()).isEqualTo(2);
    assertThat(step.runs())
        .containsExactly(
            new Step.Run(one, 1, 0), new Step.Run(other, 1, 1), new Step.Run(prompt, 18, -1));
    assertThat(engine.step().runs()).contains(new Step.Run(prompt, 18, -1));
    assertThat(engine.step().runs()).contains(new Step.Run(prompt, 14, 2));
    assertThat(engine.step().runs()).contains(new Step.Run(prompt, 1, 2));
  }

  @Test
  void shouldSharePagesWithinTheStepThatFillsThem() {
    SimulatedEngine engine = new SimulatedEngine(20, 16, true, 4, 100);
    LLMSession one = admit(engine, sequences.next("a", 0, 4, FakeSequences.prompt(1, 40)));
    LLMSession other = admit(engine, sequences.next("b", 0, 4, FakeSequences.prompt(1, 40)));

    assertThat(engine.step().tokens()).isEqualTo(40 + 8);

    assertThat(other.pages()).startsWith(one.pages()[0], one.pages()[1]);
    assertThat(other.cachedPromptTokens()).isEqualTo(32);
    assertThat(engine.pool().used()).isEqualTo(4);
  }

  @Test
  void shouldWithdrawWhatAFailedStepWasToFill() {
    SimulatedEngine engine = new SimulatedEngine(20, 16, true, 4, 100);
    LLMSession failed = admit(engine, sequences.next(FakeSequences.prompt(1, 40)));

    engine.step(broken);

    assertThat(failed.isDone()).isTrue();
    assertThat(engine.pool().used()).isZero();
    assertThat(engine.pool().idle()).isZero();
    LLMSession again = admit(engine, sequences.next(FakeSequences.prompt(1, 40)));
    engine.step();
    assertThat(again.cachedPromptTokens()).isZero();
  }

  /** The prompt fills all pages, some of which are known: it needs no page more than there are. */
  @Test
  void shouldAdmitAPromptAsLongAsAllPages() {
    SimulatedEngine engine = new SimulatedEngine(4, 16, true, 4, 100);
    for (int i = 0; i < 3; i++) {
      LLMSession full = admit(engine, sequences.next("a", 0, -1, FakeSequences.prompt(1, 64)));
      engine.step();
      assertThat(full.isDone()).isTrue();
      assertThat(full.cachedPromptTokens()).isEqualTo(i == 0 ? 0 : 48);
    }
  }

  @Test
  void shouldTakeThePagesOfTheLatestSequenceForTheFirst() {
    SimulatedEngine engine = new SimulatedEngine(6, 16, false, 4, 100);
    LLMSession first = add(engine, 0, 15);
    LLMSession second = add(engine, 0, 15);
    LLMSession third = add(engine, 0, 15);
    while (engine.scheduler().preemptions() == 0) {
      engine.step();
    }

    assertThat(third.pageCount()).isZero();
    assertThat(first.pageCount()).isPositive();
    assertThat(second.pageCount()).isPositive();
    while (!first.isDone()) {
      assertThat(engine.step().holds(first)).isTrue();
    }
    while (!engine.live().isEmpty()) {
      engine.step();
    }
    assertThat(engine.completed()).isEqualTo(3);
  }

  /** A prompt in pieces was promised its pages; completions that came after it do not take them. */
  @Test
  void shouldLetAPromptTakeThePagesOfLaterCompletions() {
    SimulatedEngine engine = new SimulatedEngine(6, 16, false, 4, 8);
    LLMSession later = admit(engine, sequences.next("a", -1, 60, 1));
    for (int i = 0; i < 10; i++) {
      engine.step();
    }
    LLMSession prompt = add(engine, 0, 63);
    while (!prompt.isDone()) {
      assertThat(engine.step().holds(prompt)).isTrue();
    }

    assertThat(later.isDone()).isFalse();
    while (!engine.live().isEmpty()) {
      engine.step();
    }
    assertThat(engine.completed()).isEqualTo(2);
  }

  @Test
  void shouldMakeRoomForAHigherPriority() {
    SimulatedEngine engine = new SimulatedEngine(40, 16, true, 2, 100);
    LLMSession one = add(engine, 0, 10);
    LLMSession other = add(engine, 0, 10);
    engine.step();
    LLMSession high = add(engine, 1, 10);

    Step step = engine.step();

    assertThat(step.runs()).extracting(Step.Run::session).containsExactly(high, one);
    assertThat(other.pageCount()).isZero();
    assertThat(engine.scheduler().preemptions()).isOne();
  }

  @Test
  void shouldNotMakeRoomForTheSamePriority() {
    SimulatedEngine engine = new SimulatedEngine(40, 16, true, 2, 100);
    LLMSession one = add(engine, 0, 10);
    LLMSession other = add(engine, 0, 10);
    engine.step();
    add(engine, 0, 10);

    assertThat(engine.step().runs()).extracting(Step.Run::session).containsExactly(one, other);
    assertThat(engine.scheduler().preemptions()).isZero();
  }

  @Test
  void shouldKeepAPageOfGrowthForEverySequenceWhenItAdmitsAnother() {
    SimulatedEngine engine = new SimulatedEngine(16, 16, false, 8, 100);
    add(engine, 0, 60);
    add(engine, 0, 60);
    add(engine, 0, 60);
    LLMSession last = add(engine, 0, 60);

    engine.step();
    engine.step();

    assertThat(engine.scheduler().running()).isEqualTo(3);
    assertThat(last.pageCount()).isZero();
  }

  @Test
  void shouldEndEverythingWithTheSameFailure() {
    SimulatedEngine engine = new SimulatedEngine(8, 16, true, 2, 100);
    List<LLMSession> all = List.of(add(engine, 0, 10), add(engine, 1, 10), add(engine, 0, 60));
    engine.step();

    engine.scheduler().failAll(broken);

    assertThat(all).allMatch(LLMSession::isDone);
    assertThat(engine.scheduler().isIdle()).isTrue();
    assertThat(engine.pool().used()).isZero();
  }

  private LLMSession add(SimulatedEngine engine, int priority, int length) {
    int[] prompt = FakeSequences.prompt(engine.live().size() * 50, length);
    return admit(engine, sequences.next("a", priority, 64 - length, prompt));
  }

  private static LLMSession admit(SimulatedEngine engine, LLMSession session) {
    engine.add(session);
    return session;
  }
}
