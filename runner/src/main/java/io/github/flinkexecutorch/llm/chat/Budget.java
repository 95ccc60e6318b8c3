package io.github.flinkexecutorch.llm.chat;

/** Counts what one rendering uses up and ends it at a limit. */
final class Budget {
  private static final int OBJECT = 36;
  private static final int STEPS_PER_LOOK_AT_THE_CLOCK = 64;

  private final ChatLimits limits;
  private final long deadline;
  private long steps;
  private long work;
  private long workAtLastLook;
  private int depth;

  Budget(ChatLimits limits) {
    this.limits = limits;
    this.deadline = System.nanoTime() + limits.timeout().toNanos();
  }

  void step() {
    if (++steps > limits.maxSteps()) {
      throw new TemplateException("it takes more than " + limits.maxSteps() + " steps");
    }
    if (steps % STEPS_PER_LOOK_AT_THE_CLOCK == 0) {
      lookAtTheClock();
    }
  }

  /** Charges the making of {@code size} characters or elements, before they are made. */
  void work(long size) {
    work += size;
    if (work > limits.maxWork()) {
      throw new TemplateException(
          "it makes more than " + limits.maxWork() + " characters and other things on the way");
    }
    if (work - workAtLastLook > 1 << 20) {
      workAtLastLook = work;
      lookAtTheClock();
    }
  }

  /** Charges objects, each with as much as an average one takes in memory, in characters. */
  void make(long objects) {
    work(OBJECT * objects);
  }

  /** Charges the growth of one string. */
  void grow(long length, long by) {
    if (length + by > limits.maxOutputChars()) {
      throw new TemplateException(
          "it makes a text of more than " + limits.maxOutputChars() + " characters");
    }
    work(by);
  }

  void enter() {
    if (++depth > limits.maxDepth()) {
      throw new TemplateException("its calls are nested deeper than " + limits.maxDepth());
    }
  }

  void leave() {
    depth--;
  }

  private void lookAtTheClock() {
    if (System.nanoTime() - deadline > 0) {
      throw new TemplateException("it runs longer than " + limits.timeout().toMillis() + " ms");
    }
  }
}
