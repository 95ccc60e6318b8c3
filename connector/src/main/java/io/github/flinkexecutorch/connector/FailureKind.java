package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/** Why a record has no completion. Every kind but {@link #FATAL} concerns one record only. */
@PublicEvolving
public enum FailureKind {
  MALFORMED("The value is not one valid JSON object in UTF-8, or a field has the wrong type."),
  TOO_LARGE(
      "The value, the key or the id of the record is too large or nested too deep, or its completion is too large."),
  MISSING_FIELD("A field that the prompt template or the id needs is absent or null."),
  UNKNOWN_MODEL("The record names a model that the job does not have."),
  EMPTY_PROMPT("The prompt is empty or blank."),
  CONTEXT_OVERFLOW("The prompt does not fit into the context of the model."),
  INVALID_PARAMETER("An override of the record is outside its range."),
  UNSUPPORTED_INPUT("The model cannot take this kind of input."),
  IMAGE_DECODE("An image is damaged, truncated, or of no format that can be read."),
  IMAGE_TOO_LARGE("An image has more bytes or pixels than the limits allow."),
  FORBIDDEN_REFERENCE("An image is named by a reference that is not allowed."),
  FETCH_FAILED("An image that a reference names is not there or cannot be read."),
  FETCH_TIMEOUT("Reading the images that a record names took longer than the limit allows."),
  AUDIO_DECODE("A sound is damaged, truncated, or of no format that can be read."),
  AUDIO_TOO_LARGE("A sound has more bytes, channels or samples than the limits allow."),
  TEMPLATE("The chat template of the model refuses the conversation, or reaches a limit on it."),
  TIMEOUT("The generation ran longer than its time limit and was stopped."),
  GENERATION_FAILED(
      "The runtime failed on this record; the next record starts from a clean state."),
  NATIVE_CRASH(
      "A process ended with this request in work, and another one with nothing but this request; it"
          + " is not tried again."),
  FATAL("The process or the model is unusable: the task fails, whatever the policy.");

  private final String description;

  FailureKind(String description) {
    this.description = description;
  }

  /** One sentence for the reference page. */
  public String description() {
    return description;
  }
}
