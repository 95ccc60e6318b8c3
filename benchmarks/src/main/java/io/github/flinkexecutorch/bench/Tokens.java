package io.github.flinkexecutorch.bench;

/**
 * How many tokens were worked on.
 *
 * @param promptTokens read of prompts
 * @param newTokens generated
 * @param decodeMs milliseconds from the end of a prompt to the end of its completion, summed; 0
 *     where nobody asked
 */
public record Tokens(long promptTokens, long newTokens, long decodeMs) {
  static final Tokens NONE = new Tokens(0, 0, 0);

  Tokens(long promptTokens, long newTokens) {
    this(promptTokens, newTokens, 0);
  }

  Tokens plus(Tokens other) {
    return new Tokens(
        promptTokens + other.promptTokens, newTokens + other.newTokens, decodeMs + other.decodeMs);
  }
}
