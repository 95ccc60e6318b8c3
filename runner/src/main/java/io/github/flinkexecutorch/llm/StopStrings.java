package io.github.flinkexecutorch.llm;

import java.util.List;

/**
 * Finds stop texts in a growing text and holds back whatever may become one.
 *
 * <p>The earliest stop text wins, and of those that begin at the same place the one that is
 * complete first. What is handed out never holds a part of it, however the text is cut into pieces.
 */
final class StopStrings {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** Whether a stop text was found; nothing is handed out after it. */
  boolean found() {
    return found;
  }

  /** The text that {@code piece} proves to lie before any stop text. */
  String append(String piece) {
    if (stops.isEmpty()) {
      return piece;
    }
    if (found) {
      return "";
    }
    held.append(piece);
    int end = firstStop();
    found = end >= 0;
    return found ? take(end) : take(held.length() - undecided());
  }

  /** What was held back, now that no more text comes. */
  String finish() {
    return found ? "" : take(held.length());
  }

  private int firstStop() {
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    return first;
  }

  /** Length of the longest end of the text that begins a stop text. */
  private int undecided() {
    int longest = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
        if (stop.startsWith(held.substring(held.length() - length))) {
          longest = length;
        }
      }
    }
    return longest;
  }

  private String take(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }
}
