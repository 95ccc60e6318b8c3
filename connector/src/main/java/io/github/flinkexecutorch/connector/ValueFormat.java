package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/** What the value of a source record is. */
@PublicEvolving
public enum ValueFormat {
  /** A JSON object. */
  JSON,
  /** The file of an image. */
  IMAGE,
  /** The file of an image where it begins as one, else a JSON object. */
  AUTO
}
