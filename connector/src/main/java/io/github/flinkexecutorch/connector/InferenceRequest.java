package io.github.flinkexecutorch.connector;

import java.util.Objects;

/**
 * One prompt on its way to the model.
 *
 * @param id name of the request in completions, failures and logs; also the source of its sampling
 *     seed, so it should differ between records
 * @param prompt the whole prompt as the model shall see it, ignored with a rejection
 * @param overrides generation options of this record, {@code null} for none
 * @param origin the source record, {@code null} where there is none to keep
 * @param rejection why there is no prompt, {@code null} for a good request
 */
public record InferenceRequest(
    String id,
    String prompt,
    RequestOverrides overrides,
    RecordOrigin origin,
    Rejection rejection) {

  public InferenceRequest {
    Objects.requireNonNull(id, "id");
    if (prompt == null && rejection == null) {
      throw new IllegalArgumentException(
          "Request " + id + " has neither a prompt nor a rejection.");
    }
  }

  /** A prompt with the operator's own options. */
  public static InferenceRequest of(String id, String prompt) {
    return of(id, prompt, RequestOverrides.NONE);
  }

  /** A prompt with options of its own. */
  public static InferenceRequest of(String id, String prompt, RequestOverrides overrides) {
    return new InferenceRequest(id, prompt, overrides, null, null);
  }

  /** Id and length only: prompts are user data, and Flink writes records into its messages. */
  @Override
  public String toString() {
    return "InferenceRequest["
        + id
        + ", "
        + (rejection == null ? prompt.length() + " characters" : rejection.kind())
        + "]";
  }
}
