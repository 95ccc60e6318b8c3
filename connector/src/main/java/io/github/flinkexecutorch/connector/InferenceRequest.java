package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.PromptText;
import java.util.BitSet;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * One prompt on its way to the model.
 *
 * @param id name of the request in completions, failures and logs; also the source of its sampling
 *     seed, so it should differ between records
 * @param prompt the whole prompt, ignored with a rejection. Where it has {@link
 *     ExecuTorchOptions#IMAGE_MARKER}, an image stands; may be blank if there is an image
 * @param images images in their order: as many as the prompt has markers, or if it has none, all
 *     before the text; never {@code null}
 * @param overrides generation options of this record, {@code null} for none
 * @param origin the source record, {@code null} where there is none to keep
 * @param rejection why there is no prompt, {@code null} for a good request
 * @param model name of the model that shall answer, {@code null} for the one that answers all who
 *     name none
 * @param fields which characters of the prompt the record brought, as pairs of their start and
 *     their end. They are plain text, whatever they spell, unless {@link
 *     ExecuTorchOptions#ALLOW_SPECIAL_TOKENS} is set; the rest, such as what a prompt template
 *     wrote, may spell special tokens and is never cut where the prompt is too long. {@code null}
 *     if it is not known, so that everything counts as brought
 * @param messages a conversation with a chat model, by whose template it becomes the prompt,
 *     instead of {@code prompt}; none for a request of a prompt, never {@code null}
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record InferenceRequest(
    String id,
    String prompt,
    RequestImage[] images,
    RequestOverrides overrides,
    RecordOrigin origin,
    Rejection rejection,
    String model,
    int[] fields,
    RequestMessage[] messages) {

  private static final RequestImage[] NO_IMAGES = {};
  private static final RequestMessage[] NO_MESSAGES = {};

  public InferenceRequest {
    Objects.requireNonNull(id, "id");
    images = images == null ? NO_IMAGES : images;
    messages = messages == null ? NO_MESSAGES : messages;
    if (prompt == null && rejection == null) {
      throw new IllegalArgumentException(
          "Request " + id + " has neither a prompt nor a rejection.");
    }
  }

  /**
   * A request without messages that names no model, of which it is not known what the record
   * brought.
   */
  public InferenceRequest(
      String id,
      String prompt,
      RequestImage[] images,
      RequestOverrides overrides,
      RecordOrigin origin,
      Rejection rejection) {
    this(id, prompt, images, overrides, origin, rejection, null, null, null);
  }

  /** A prompt with the operator's own options, all of it as if a record had brought it. */
  public static InferenceRequest of(String id, String prompt) {
    return of(id, prompt, RequestOverrides.NONE);
  }

  /** The same with options of its own. */
  public static InferenceRequest of(String id, String prompt, RequestOverrides overrides) {
    return new InferenceRequest(id, prompt, null, overrides, null, null);
  }

  /** A conversation with a chat model. */
  public static InferenceRequest ofMessages(String id, RequestMessage... messages) {
    return new InferenceRequest(
        id, "", null, RequestOverrides.NONE, null, null, null, null, messages.clone());
  }

  /** The same prompt with these images. */
  public InferenceRequest withImages(RequestImage... images) {
    return new InferenceRequest(
        id, prompt, images, overrides, origin, rejection, model, fields, messages);
  }

  /** The same prompt for the model of this name. */
  public InferenceRequest withModel(String model) {
    return new InferenceRequest(
        id, prompt, images, overrides, origin, rejection, model, fields, messages);
  }

  /** The prompt, and which of its characters the record brought. */
  PromptText text() {
    BitSet brought = new BitSet();
    if (fields == null) {
      brought.set(0, prompt.length());
    } else {
      for (int i = 0; i < fields.length; i += 2) {
        brought.set(fields[i], fields[i + 1]);
      }
    }
    return PromptText.filled(prompt, brought);
  }

  /** The same record, which cannot be completed; its images are dropped. */
  InferenceRequest rejected(Rejection rejection) {
    return new InferenceRequest(
        id, prompt, null, overrides, origin, rejection, model, fields, messages);
  }

  /** Id and sizes only: prompts are user data, and Flink writes records into its messages. */
  @Override
  public String toString() {
    return "InferenceRequest["
        + id
        + ", "
        + (rejection == null
            ? prompt.length()
                + " characters, "
                + images.length
                + " images"
                + (messages.length == 0 ? "" : ", " + messages.length + " messages")
            : rejection.kind())
        + "]";
  }
}
