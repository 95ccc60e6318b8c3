package io.github.flinkexecutorch.llm.chat;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;

/** A sequence of Python's that is not a list: equal to and printed like its own kind only. */
final class Series extends AbstractList<Object> {
  enum Kind {
    TUPLE("tuple"),
    RANGE("range"),
    KEYS("dict_keys"),
    VALUES("dict_values"),
    ITEMS("dict_items");

    private final String typeName;

    Kind(String typeName) {
      this.typeName = typeName;
    }

    String typeName() {
      return typeName;
    }

    /** Whether it can be sliced and indexed. */
    boolean isSequence() {
      return this == TUPLE || this == RANGE;
    }
  }

  private final Kind kind;
  private final List<Object> items;
  private final String printed;

  Series(Kind kind, List<Object> items) {
    this(kind, items, "");
  }

  /** {@code printed} is what a range looks like. */
  Series(Kind kind, List<Object> items, String printed) {
    this.kind = kind;
    this.items = items;
    this.printed = printed;
  }

  static Series tuple(Object... items) {
    return new Series(Kind.TUPLE, Arrays.asList(items));
  }

  Kind kind() {
    return kind;
  }

  String printed() {
    return printed;
  }

  @Override
  public Object get(int index) {
    return items.get(index);
  }

  @Override
  public int size() {
    return items.size();
  }
}
