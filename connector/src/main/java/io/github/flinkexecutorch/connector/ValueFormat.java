package io.github.flinkexecutorch.connector;

/** What the value of a source record is. */
public enum ValueFormat {
  /** A JSON object. */
  JSON,
  /** The file of an image. */
  IMAGE,
  /** The file of an image where it begins as one, else a JSON object. */
  AUTO
}
