package io.github.flinkexecutorch.connector.table;

import org.apache.flink.annotation.PublicEvolving;

/** What a completion is, in the words of Flink's other model providers. */
@PublicEvolving
public enum ResponseFormat {
  TEXT("text"),
  /** One JSON object, unless the limit of tokens cuts it short. */
  JSON_OBJECT("json_object");

  private final String value;

  ResponseFormat(String value) {
    this.value = value;
  }

  @Override
  public String toString() {
    return value;
  }
}
