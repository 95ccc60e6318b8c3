package io.github.flinkexecutorch.bench;

/** How many tokens were worked on: read of prompts, and generated. */
public record Tokens(long promptTokens, long newTokens) {
  static final Tokens NONE = new Tokens(0, 0);

  Tokens plus(Tokens other) {
    return new Tokens(promptTokens + other.promptTokens, newTokens + other.newTokens);
  }
}
