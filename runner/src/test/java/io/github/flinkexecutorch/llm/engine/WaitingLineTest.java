package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingLineTest {
  private final FakeSequences sequences = new FakeSequences(1000);
  private final WaitingLine line = new WaitingLine();

  @Test
  void shouldTakeOneOfEachClientInTurn() {
    List<LLMSession> a = add("a", 0, 3);
    List<LLMSession> b = add("b", 0, 1);
    List<LLMSession> c = add("c", 0, 2);

    assertThat(takeAll())
        .containsExactly(a.get(0), b.get(0), c.get(0), a.get(1), c.get(1), a.get(2));
  }

  @Test
  void shouldTakeHigherPrioritiesFirst() {
    List<LLMSession> low = add("a", -1, 2);
    List<LLMSession> normal = add("b", 0, 1);
    List<LLMSession> high = add("a", 7, 2);

    assertThat(takeAll())
        .containsExactly(high.get(0), high.get(1), normal.get(0), low.get(0), low.get(1));
  }

  @Test
  void shouldTakePreemptedOnesBeforeThoseOfTheSamePriority() {
    LLMSession second = sequences.next("a", 0, 1, 1);
    LLMSession third = sequences.next("a", 0, 1, 1);
    List<LLMSession> later = add("b", 0, 1);
    List<LLMSession> high = add("b", 1, 1);
    line.addPreempted(third);
    line.addPreempted(second);

    assertThat(takeAll()).containsExactly(high.get(0), second, third, later.get(0));
  }

  @Test
  void shouldDropWhatNobodyWaitsFor() {
    List<LLMSession> a = add("a", 0, 3);
    List<LLMSession> b = add("b", 1, 1);
    LLMSession preempted = sequences.next("a", 0, 1, 1);
    line.addPreempted(preempted);
    List.of(a.get(0), a.get(2), b.get(0), preempted).forEach(s -> s.fail(new AssertionError()));

    assertThat(line.first(10)).containsExactly(a.get(1));
    assertThat(takeAll()).containsExactly(a.get(1));
    assertThat(line.isEmpty()).isTrue();
  }

  @Test
  void shouldLookAhead() {
    List<LLMSession> a = add("a", 0, 3);
    List<LLMSession> high = add("b", 1, 1);

    assertThat(line.first(2)).containsExactly(high.get(0), a.get(0));
    assertThat(line.first(0)).isEmpty();
    assertThat(takeAll()).hasSize(4);
    assertThat(line.first(5)).isEmpty();
  }

  private List<LLMSession> add(Object client, int priority, int count) {
    List<LLMSession> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      LLMSession session = sequences.next(client, priority, 1, 1);
      line.add(session);
      added.add(session);
    }
    return added;
  }

  private List<LLMSession> takeAll() {
    List<LLMSession> taken = new ArrayList<>();
    for (LLMSession next = line.peek(); next != null; next = line.peek()) {
      line.remove(next);
      taken.add(next);
    }
    return taken;
  }
}
