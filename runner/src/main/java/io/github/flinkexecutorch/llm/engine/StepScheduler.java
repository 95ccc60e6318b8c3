package io.github.flinkexecutorch.llm.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Decides what each step computes: one token of each sequence that is being completed, and what is
 * left of the step's budget in pieces of prompts. Waiting sequences are admitted while there are
 * pages for their prompts. Sequences are served in the order of their ranks, and one that finds no
 * page takes those of the lowest-ranked one, which is computed again later; so the highest-ranked
 * one always goes on.
 *
 * <p>Confined to the engine's thread.
 */
final class StepScheduler {
  private final PagePool pool;
  private final int maxSequences;
  private final int maxStepTokens;
  private final WaitingLine waiting = new WaitingLine();
  private final List<LLMSession> running = new ArrayList<>();
  private final Step step = new Step();
  private long preemptions;

  StepScheduler(PagePool pool, int maxSequences, int maxStepTokens) {
    this.pool = pool;
    this.maxSequences = maxSequences;
    this.maxStepTokens = Math.max(maxStepTokens, maxSequences);
  }

  WaitingLine waiting() {
    return waiting;
  }

  int running() {
    return running.size();
  }

  long preemptions() {
    return preemptions;
  }

  /** Whether another sequence may run. */
  boolean hasRoom() {
    return running.size() < maxSequences;
  }

  boolean isIdle() {
    return running.isEmpty() && waiting.isEmpty();
  }

  /** Makes the next step; empty if there is nothing to do. Valid until the next call. */
  Step next() {
    step.clear();
    for (int i = running.size() - 1; i >= 0; i--) {
      if (running.get(i).stopsNow()) {
        remove(running.get(i));
      }
    }
    while (isUrgent(waiting.peek()) && admit() != null) {}
    int completing = (int) running.stream().filter(session -> session.pending() == 1).count();
    for (LLMSession session : List.copyOf(running)) {
      if (!running.contains(session)) {
        continue; // its pages went to a sequence before it
      }
      if (session.pending() == 1) {
        completing--;
        addRun(session, 1);
      } else {
        addPiece(session, maxStepTokens - step.tokens() - completing);
      }
    }
    while (step.tokens() < maxStepTokens) {
      LLMSession admitted = admit();
      if (admitted == null) {
        break;
      }
      addPiece(admitted, maxStepTokens - step.tokens());
    }
    return step;
  }

  /** A sequence is over; its pages are free. */
  void remove(LLMSession session) {
    running.remove(session);
    session.release(pool);
  }

  /** The step could not be computed: nothing that it was to fill can be relied on. */
  void fail(RuntimeException failure) {
    step.published().forEach(pool::withdraw);
    for (Step.Run run : step.runs()) {
      run.session().fail(failure);
      remove(run.session());
    }
  }

  /** Ends everything that runs or waits. */
  void failAll(Throwable failure) {
    for (LLMSession session : List.copyOf(running)) {
      session.fail(failure);
      remove(session);
    }
    for (LLMSession next = waiting.peek(); next != null; next = waiting.peek()) {
      next.fail(failure);
      waiting.remove(next);
    }
  }

  /** Adds a piece of a prompt of at most {@code most} tokens. */
  private void addPiece(LLMSession session, int most) {
    if (most > 0) {
      session.share(pool); // what this step fills too, so the sequence must be part of it
      addRun(session, Math.min(session.pending(), most));
    }
  }

  /** Adds positions of a sequence if there are pages for them, or can be. */
  private void addRun(LLMSession session, int count) {
    int pages = session.pagesFor(count, pool.pageTokens());
    while (pool.available() < pages) {
      LLMSession victim = lowest();
      preempt(victim);
      if (victim == session) {
        return;
      }
    }
    for (int i = 0; i < pages; i++) {
      session.addPage(pool.take());
    }
    step.add(session, count);
    session.publish(pool, count, step);
  }

  /** The lowest-ranked running sequence that is not in the step, null if there is none. */
  private LLMSession lowest() {
    LLMSession lowest = null;
    for (LLMSession session : running) {
      if (!step.holds(session) && (lowest == null || lowest.outranks(session))) {
        lowest = session;
      }
    }
    return lowest;
  }

  private void preempt(LLMSession session) {
    preemptions++;
    remove(session);
    waiting.addPreempted(session);
  }

  /**
   * Whether a waiting sequence comes before running ones, and before every prompt that is being
   * computed: those have been promised their pages.
   */
  private boolean isUrgent(LLMSession next) {
    return next != null
        && running.stream().anyMatch(session -> session.priority() < next.priority())
        && running.stream()
            .allMatch(session -> session.pending() == 1 || session.priority() < next.priority());
  }

  /** Lets the first of the waiting sequences run, if it can; lower priorities give way to it. */
  private LLMSession admit() {
    LLMSession next = waiting.peek();
    if (next == null || !next.isEncoded()) {
      return null;
    }
    next.share(pool);
    while (!fits(next)) {
      LLMSession victim = lowest();
      if (victim == null || victim.priority() >= next.priority()) {
        next.release(pool);
        return null;
      }
      preempt(victim);
    }
    waiting.remove(next);
    insert(next);
    next.begin();
    return next;
  }

  /** Keeps the running sequences in the order of their ranks. */
  private void insert(LLMSession session) {
    int place = running.size();
    while (place > 0 && session.outranks(running.get(place - 1))) {
      place--;
    }
    running.add(place, session);
  }

  /** Whether there is a place, and pages for the prompt and a page of growth for all others. */
  private boolean fits(LLMSession session) {
    if (running.isEmpty()) {
      return true; // no context is longer than all pages together
    }
    int pages = session.pagesFor(session.pending() + 1, pool.pageTokens());
    int growth = Math.min(running.size(), pool.pages() / 8);
    return hasRoom() && pool.available() >= pages + growth;
  }
}
