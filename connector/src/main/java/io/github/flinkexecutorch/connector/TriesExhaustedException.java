package io.github.flinkexecutorch.connector;

import java.util.concurrent.CompletionException;

/** A generation failed as often as it may be tried; the cause is the last failure. */
final class TriesExhaustedException extends CompletionException {
  private static final long serialVersionUID = 1L;

  private final int tries;

  TriesExhaustedException(int tries, Throwable last) {
    super(last);
    this.tries = tries;
  }

  /** How often a failed request was tried. */
  static int triesOf(Throwable failure) {
    return failure instanceof TriesExhaustedException exhausted ? exhausted.tries : 1;
  }
}
