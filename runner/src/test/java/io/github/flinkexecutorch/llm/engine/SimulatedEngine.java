package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.FakeTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Executes the steps of a scheduler without a model: a slot of a page remembers which beginning its
 * key and value belong to, so reading a wrong or stale page is seen. Everything that must hold
 * between two steps is checked.
 */
final class SimulatedEngine {
  private static final long UNKNOWN = 0;

  private final PagePool pool;
  private final StepScheduler scheduler;
  private final int maxSequences;
  private final int maxStepTokens;
  private final long[][] slots;
  private final List<LLMSession> live = new ArrayList<>();
  private int completed;

  SimulatedEngine(int pages, int pageTokens, boolean caching, int maxSequences, int maxStepTokens) {
    this.pool = new PagePool(pages, pageTokens, caching);
    this.scheduler = new StepScheduler(pool, maxSequences, maxStepTokens);
    this.maxSequences = maxSequences;
    this.maxStepTokens = Math.max(maxStepTokens, maxSequences);
    this.slots = new long[pages][pageTokens];
  }

  StepScheduler scheduler() {
    return scheduler;
  }

  PagePool pool() {
    return pool;
  }

  /** Sequences that are not over. */
  List<LLMSession> live() {
    return live;
  }

  /** Sequences that came to their own end. */
  int completed() {
    return completed;
  }

  void add(LLMSession session) {
    live.add(session);
    scheduler.waiting().add(session);
  }

  /** Makes a step and executes it. */
  Step step() {
    return step(null);
  }

  /**
   * Makes a step and executes it.
   *
   * @param failure what the execution fails with, null if it does not
   */
  Step step(RuntimeException failure) {
    LLMSession highest = highestRunning();
    Step step = scheduler.next();
    live.removeIf(LLMSession::isDone);
    if (highest != null && !highest.isDone()) {
      assertThat(step.runs())
          .as("the highest-ranked sequence goes on, unless a higher one has come")
          .anyMatch(run -> run.session() == highest || run.session().outranks(highest));
    }
    assertThat(step.isEmpty()).as("nothing to do").isEqualTo(live.isEmpty());
    assertThat(step.tokens()).isLessThanOrEqualTo(maxStepTokens);
    assertThat(step.runs().size()).isLessThanOrEqualTo(maxSequences);
    write(step, failure != null);
    if (failure == null) {
      for (Step.Run run : step.runs()) {
        requireContents(run.session(), run.session().computed() + run.tokens());
      }
      finish(step);
    } else {
      scheduler.fail(failure);
    }
    live.removeIf(LLMSession::isDone);
    requireOrder();
    return step;
  }

  private LLMSession highestRunning() {
    return live.stream()
        .filter(session -> session.pageCount() > 0 && !session.isDone())
        .min(Comparator.comparing((LLMSession s) -> s, (a, b) -> a.outranks(b) ? -1 : 1))
        .orElse(null);
  }

  private void write(Step step, boolean fails) {
    for (Step.Run run : step.runs()) {
      LLMSession session = run.session();
      long[] beginnings = beginnings(session);
      for (int i = 0; i < run.tokens(); i++) {
        int position = session.computed() + i;
        slots[page(session, position)][position % pool.pageTokens()] =
            fails ? UNKNOWN : beginnings[position];
      }
    }
  }

  private void finish(Step step) {
    int row = 0;
    for (Step.Run run : step.runs()) {
      LLMSession session = run.session();
      session.computed(run.tokens(), 0, 0);
      if (run.row() < 0) {
        continue;
      }
      assertThat(run.row()).isEqualTo(row++);
      assertThat(session.pending()).isZero();
      int token = Math.floorMod(beginnings(session)[session.length() - 1], FakeTokenizer.BOS);
      if (!session.accept(FakeSequences.choosing(token))) {
        completed++;
        scheduler.remove(session);
      }
    }
    assertThat(step.rows()).isEqualTo(row);
  }

  private void requireOrder() {
    Map<Integer, Integer> users = new HashMap<>();
    for (LLMSession session : live) {
      requireContents(session, session.computed());
      Set<Integer> own = new HashSet<>();
      for (int i = 0; i < session.pageCount(); i++) {
        assertThat(own.add(session.pages()[i])).as("a page twice in a table").isTrue();
        users.merge(session.pages()[i], 1, Integer::sum);
      }
      int needed = (session.computed() + pool.pageTokens() - 1) / pool.pageTokens();
      assertThat(session.pageCount()).isEqualTo(needed);
    }
    assertThat(pool.used()).as("pages in use").isEqualTo(users.size());
    assertThat(pool.available()).isEqualTo(pool.pages() - users.size());
    assertThat(pool.idle()).isBetween(0, pool.available());
    assertThat(scheduler.running()).isLessThanOrEqualTo(maxSequences);
    if (live.isEmpty()) {
      assertThat(scheduler.isIdle()).isTrue();
      assertThat(pool.used()).isZero();
    }
  }

  /** The first positions of a sequence are in its pages. */
  private void requireContents(LLMSession session, int count) {
    long[] beginnings = beginnings(session);
    for (int position = 0; position < count; position++) {
      if (slots[page(session, position)][position % pool.pageTokens()] != beginnings[position]) {
        throw new AssertionError(
            "Position %d of %d of %s, %d computed, reads what is not its own in %s"
                .formatted(
                    position,
                    session.length(),
                    session.id(),
                    session.computed(),
                    Arrays.toString(Arrays.copyOf(session.pages(), session.pageCount()))));
      }
    }
  }

  private int page(LLMSession session, int position) {
    return session.pages()[position / pool.pageTokens()];
  }

  /** For each position a number that stands for it and all before it. */
  private static long[] beginnings(LLMSession session) {
    long[] beginnings = new long[session.length()];
    long hash = 1;
    for (int i = 0; i < beginnings.length; i++) {
      hash = (hash ^ session.positions()[i]) * 0x9E3779B97F4A7C15L + 1;
      hash ^= hash >>> 29;
      beginnings[i] = hash == UNKNOWN ? 1 : hash;
    }
    return beginnings;
  }
}
