package io.github.flinkexecutorch.connector;

import java.util.concurrent.TimeUnit;

/**
 * Turns at an even rate, with as many at once as come in a second after a pause: a token bucket of
 * one second. Counts in whole nanoseconds, so that no error adds up.
 */
final class Rate {
  private final long interval;
  private final long allowance; // how long before its time a turn may be taken
  private long due; // when the next turn is, by the clock of whoever asks
  private boolean begun;

  /**
   * @param perSecond above 0
   */
  Rate(double perSecond) {
    interval = Math.max(1, Math.round(TimeUnit.SECONDS.toNanos(1) / perSecond));
    allowance = (Math.max(1, (long) perSecond) - 1) * interval;
  }

  /**
   * Takes the next turn, if it has come.
   *
   * @param now by {@link System#nanoTime} or another clock that only goes forward
   * @param waited whether somebody has waited for the turn: then no turn before it was left out,
   *     however late it is
   * @return how long until the turn comes, in nanoseconds; 0 if it is taken
   */
  synchronized long takeTurn(long now, boolean waited) {
    if (!begun || (!waited && due - (now - allowance) < 0)) {
      due = now - allowance;
      begun = true;
    }
    long wait = Math.max(0, due - now);
    if (wait == 0) {
      due += interval;
    }
    return wait;
  }
}
