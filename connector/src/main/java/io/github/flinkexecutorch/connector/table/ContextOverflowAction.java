package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.llm.ContextOverflow;
import org.apache.flink.annotation.PublicEvolving;

/** {@link ContextOverflow} in the words of Flink's other model providers. */
@PublicEvolving
public enum ContextOverflowAction {
  FAIL("fail", ContextOverflow.FAIL),
  TRUNCATED_HEAD("truncated-head", ContextOverflow.TRUNCATE_HEAD),
  TRUNCATED_MIDDLE("truncated-middle", ContextOverflow.TRUNCATE_MIDDLE),
  TRUNCATED_TAIL("truncated-tail", ContextOverflow.TRUNCATE_TAIL);

  private final String value;
  private final ContextOverflow meaning;

  ContextOverflowAction(String value, ContextOverflow meaning) {
    this.value = value;
    this.meaning = meaning;
  }

  ContextOverflow meaning() {
    return meaning;
  }

  @Override
  public String toString() {
    return value;
  }
}
