package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A string of the template language. Every character knows whether the template wrote it or it came
 * with a message, through slices, concatenations and filters. Two texts are equal if their
 * characters are.
 */
final class Text implements Comparable<Text> {
  private static final int[] WRITTEN = {};
  private static final int[] CONTENT = {0};
  static final Text EMPTY = new Text("", WRITTEN);

  private final String value;

  /** Where template text and content take turns, ascending; template text comes first. */
  private final int[] turns;

  private Text(String value, int[] turns) {
    this.value = value;
    this.turns = turns;
  }

  /** Text that the template wrote. */
  static Text written(String value) {
    return new Text(value, WRITTEN);
  }

  /** Text that came with a message. */
  static Text content(String value) {
    return new Text(value, CONTENT);
  }

  String value() {
    return value;
  }

  /** In UTF-16 units, as every offset here unless it says otherwise. */
  int length() {
    return value.length();
  }

  /** The length that templates see. */
  int codePoints() {
    return value.codePointCount(0, value.length());
  }

  /** Code points from {@code from} to {@code to}, which lie inside. */
  Text codePoints(int from, int to) {
    int start = value.offsetByCodePoints(0, from);
    return slice(start, value.offsetByCodePoints(start, to - from));
  }

  Text slice(int from, int to) {
    if (from == 0 && to == value.length()) {
      return this;
    }
    if (from >= to) {
      return EMPTY;
    }
    if (turns.length == 0 || (turns.length == 1 && turns[0] == 0)) {
      return new Text(value.substring(from, to), turns);
    }
    return new Builder(null).append(this, from, to).build();
  }

  boolean hasContent() {
    return turns.length > 0 && !value.isEmpty();
  }

  /** The text under a mapping of its characters, such as upper case. */
  Text mapped(UnaryOperator<String> mapping) {
    String mapped = mapping.apply(value);
    if (turns.length == 0 || (turns.length == 1 && turns[0] == 0)) {
      return new Text(mapped, turns);
    }
    if (mapped.length() == value.length()) {
      return new Text(mapped, turns);
    }
    Builder builder = new Builder(null);
    for (PromptPart part : parts()) {
      builder.append(mapping.apply(part.text()), part.content());
    }
    return builder.build();
  }

  /** The runs of equal origin, in order, none empty. */
  List<PromptPart> parts() {
    List<PromptPart> parts = new ArrayList<>();
    int start = 0;
    for (int turn = 0; turn <= turns.length; turn++) {
      int end = turn < turns.length ? turns[turn] : value.length();
      if (end > start) {
        parts.add(new PromptPart(value.substring(start, end), turn % 2 == 1));
      }
      start = end;
    }
    return parts;
  }

  /** For messages of exceptions: what came with a message is left out. */
  String redacted() {
    StringBuilder shown = new StringBuilder();
    parts().forEach(part -> shown.append(part.content() ? "…" : part.text()));
    return shown.toString();
  }

  /** By code points, as Python compares. */
  @Override
  public int compareTo(Text other) {
    int at = 0;
    int end = Math.min(value.length(), other.value.length());
    while (at < end && value.charAt(at) == other.value.charAt(at)) {
      at++;
    }
    if (at == end) {
      return value.length() - other.value.length();
    }
    char left = value.charAt(at);
    char right = other.value.charAt(at);
    boolean pairs = Character.isSurrogate(left) != Character.isSurrogate(right);
    return pairs ? (Character.isSurrogate(left) ? 1 : -1) : left - right;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Text text && value.equals(text.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** Its characters could be a message's: never for a log. */
  @Override
  public String toString() {
    return redacted();
  }

  /** Builds a text piece by piece; whatever it takes is charged to the budget, if there is one. */
  static final class Builder {
    private final Budget budget;
    private final StringBuilder value = new StringBuilder();
    private int[] turns = new int[8];
    private int turnCount;

    Builder(Budget budget) {
      this.budget = budget;
    }

    Builder append(Text text) {
      return append(text, 0, text.length());
    }

    Builder append(Text text, int from, int to) {
      int turn = Arrays.binarySearch(text.turns, from);
      turn = turn >= 0 ? turn + 1 : -turn - 1;
      int start = from;
      while (start < to) {
        int end = turn < text.turns.length ? Math.min(text.turns[turn], to) : to;
        append(text.value, start, end, turn % 2 == 1);
        start = end;
        turn++;
      }
      return this;
    }

    Builder append(String text, boolean content) {
      return append(text, 0, text.length(), content);
    }

    private Builder append(String text, int from, int to, boolean content) {
      if (from >= to) {
        return this;
      }
      if (budget != null) {
        budget.grow(value.length(), to - from);
      }
      if (content != (turnCount % 2 == 1)) {
        if (turnCount == turns.length) {
          turns = Arrays.copyOf(turns, 2 * turnCount);
        }
        turns[turnCount++] = value.length();
      }
      value.append(text, from, to);
      return this;
    }

    int length() {
      return value.length();
    }

    Text build() {
      if (budget != null) {
        budget.make(1);
      }
      return new Text(value.toString(), Arrays.copyOf(turns, turnCount));
    }
  }
}
