package io.github.flinkexecutorch.jobs.faults;

import io.github.flinkexecutorch.connector.FailureKind;
import java.util.List;

/**
 * A record that is meant to make the job of {@link Tickets} fail.
 *
 * @param value its bytes, in UTF-8
 * @param reason what its dead letter says
 */
record Poison(String value, FailureKind reason) {
  private static final List<Poison> SMALL =
      List.of(
          new Poison("no JSON", FailureKind.MALFORMED),
          new Poison("", FailureKind.MALFORMED),
          new Poison("{\"message\":\"\"}", FailureKind.EMPTY_PROMPT),
          new Poison("{\"message\":\"half", FailureKind.MALFORMED),
          new Poison("{\"message\":" + "[".repeat(10_000), FailureKind.TOO_LARGE),
          new Poison("{\"text\":\"no message\"}", FailureKind.MISSING_FIELD),
          new Poison(
              "{\"message\":\"hello\",\"options\":{\"temperature\":-1}}",
              FailureKind.INVALID_PARAMETER),
          new Poison(message("My parcel is lost. ".repeat(500)), FailureKind.CONTEXT_OVERFLOW));

  static final Poison MEGABYTE =
      new Poison(message("Where is it? ".repeat(1_000_000 / 13)), FailureKind.CONTEXT_OVERFLOW);

  /** One of the small ones, which come over and over. */
  static Poison small(int number) {
    return SMALL.get(number % SMALL.size());
  }

  private static String message(String text) {
    return "{\"message\":\"" + text + "\"}";
  }
}
