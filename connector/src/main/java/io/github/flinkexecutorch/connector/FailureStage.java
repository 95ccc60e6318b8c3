package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/** Where on its path a record failed. */
@PublicEvolving
public enum FailureStage {
  /** Reading the source record and rendering its prompt. */
  PARSE,
  /** Finding, fetching, decoding and preparing its images. */
  IMAGE,
  /** Checking the request, tokenizing it and generating. */
  GENERATE
}
