package io.github.flinkexecutorch.connector;

/** Where on its path a record failed. */
public enum FailureStage {
  /** Reading the source record and rendering its prompt. */
  PARSE,
  /** Finding, fetching, decoding and preparing its images. */
  IMAGE,
  /** Checking the request, tokenizing it and generating. */
  GENERATE
}
