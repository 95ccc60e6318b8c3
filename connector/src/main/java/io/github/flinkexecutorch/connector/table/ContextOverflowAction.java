package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.llm.ContextOverflow;
import org.apache.flink.annotation.PublicEvolving;

/** What becomes of a prompt that is too long, in the words of Flink's other model providers. */
@PublicEvolving
public enum ContextOverflowAction {
  FAIL("fail", ContextOverflow.FAIL),
  TRUNCATED_HEAD("truncated-head", ContextOverflow.TRUNCATE_HEAD),
  TRUNCATED_HEAD_LOG("truncated-head-log", ContextOverflow.TRUNCATE_HEAD),
  TRUNCATED_MIDDLE("truncated-middle", ContextOverflow.TRUNCATE_MIDDLE),
  TRUNCATED_TAIL("truncated-tail", ContextOverflow.TRUNCATE_TAIL),
  TRUNCATED_TAIL_LOG("truncated-tail-log", ContextOverflow.TRUNCATE_TAIL),
  /** The row is dropped, whatever becomes of other rows that fail. */
  SKIPPED("skipped", ContextOverflow.FAIL),
  SKIPPED_LOG("skipped-log", ContextOverflow.FAIL);

  private final String value;
  private final ContextOverflow meaning;

  ContextOverflowAction(String value, ContextOverflow meaning) {
    this.value = value;
    this.meaning = meaning;
  }

  ContextOverflow meaning() {
    return meaning;
  }

  boolean skips() {
    return this == SKIPPED || this == SKIPPED_LOG;
  }

  /** Whether the log tells of each row that was cut or skipped. */
  boolean logs() {
    return this == TRUNCATED_HEAD_LOG || this == TRUNCATED_TAIL_LOG || this == SKIPPED_LOG;
  }

  @Override
  public String toString() {
    return value;
  }
}
