package io.github.flinkexecutorch.llm.chat;

import java.time.Duration;

/**
 * What a chat template may use up. A template comes with a model from elsewhere and works on texts
 * of strangers: one that runs wild must end, and end as the fault of one request.
 *
 * @param maxSourceChars length of the template itself
 * @param maxOutputChars length of a prompt, and of every string on the way to it
 * @param maxWork characters that one rendering may make in all, of two bytes at most; list elements
 *     count as 8 and other objects as 36. Bounds its memory
 * @param maxSteps statements, loop turns and calls of one rendering
 * @param maxDepth nesting of the template, of its calls and of the values it is given
 * @param timeout wall time of one rendering; looked at every few steps
 */
public record ChatLimits(
    int maxSourceChars,
    int maxOutputChars,
    long maxWork,
    long maxSteps,
    int maxDepth,
    Duration timeout) {

  /** Far above what any real template needs for a prompt of a million characters. */
  public static final ChatLimits DEFAULT =
      new ChatLimits(1 << 20, 1 << 22, 1L << 26, 5_000_000, 100, Duration.ofSeconds(5));

  public ChatLimits {
    if (maxSourceChars < 1 || maxOutputChars < 1 || maxWork < 1 || maxSteps < 1) {
      throw new IllegalArgumentException("Limits of a chat template must be positive");
    }
    if (maxDepth < 1 || maxDepth > 200) {
      throw new IllegalArgumentException("maxDepth must be from 1 to 200, got " + maxDepth);
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout must be positive, got " + timeout);
    }
  }
}
