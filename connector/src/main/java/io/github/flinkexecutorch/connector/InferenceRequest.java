package io.github.flinkexecutorch.connector;

import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * One prompt on its way to the model.
 *
 * @param id name of the request in completions, failures and logs; also the source of its sampling
 *     seed, so it should differ between records
 * @param prompt the whole prompt as the model shall see it, ignored with a rejection. Where it has
 *     {@link ExecuTorchOptions#IMAGE_MARKER}, an image stands; may be blank if there is an image
 * @param images images in their order: as many as the prompt has markers, or if it has none, all
 *     before the text; never {@code null}
 * @param overrides generation options of this record, {@code null} for none
 * @param origin the source record, {@code null} where there is none to keep
 * @param rejection why there is no prompt, {@code null} for a good request
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record InferenceRequest(
    String id,
    String prompt,
    RequestImage[] images,
    RequestOverrides overrides,
    RecordOrigin origin,
    Rejection rejection) {

  private static final RequestImage[] NO_IMAGES = {};

  public InferenceRequest {
    Objects.requireNonNull(id, "id");
    images = images == null ? NO_IMAGES : images;
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
    return new InferenceRequest(id, prompt, null, overrides, null, null);
  }

  /** The same prompt with these images. */
  public InferenceRequest withImages(RequestImage... images) {
    return new InferenceRequest(id, prompt, images, overrides, origin, rejection);
  }

  /** The same record, which cannot be completed; its images are dropped. */
  InferenceRequest rejected(Rejection rejection) {
    return new InferenceRequest(id, prompt, null, overrides, origin, rejection);
  }

  /** Id and sizes only: prompts are user data, and Flink writes records into its messages. */
  @Override
  public String toString() {
    return "InferenceRequest["
        + id
        + ", "
        + (rejection == null
            ? prompt.length() + " characters, " + images.length + " images"
            : rejection.kind())
        + "]";
  }
}
