package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Turns a row, columns of text and of images, into a request. Total, as {@link RequestReader} is.
 * The id is a digest of the content, since rows have no names: so the same content has the same
 * seed, and an id tells nobody what the row says.
 */
final class RowReader {
  private static final String REJECTED = "rejected row";

  private final List<String> texts;
  private final List<String> images;
  private final PromptReader prompts;
  private final long maxBytes;

  /**
   * @param texts names of the columns of text, by which the prompt template knows them
   * @param images names of the columns of images
   * @throws IllegalArgumentException if the columns and the prompt template do not go together
   */
  RowReader(ReadableConfig options, List<String> texts, List<String> images) {
    boolean templated = options.getOptional(ExecuTorchOptions.PROMPT_TEMPLATE).isPresent();
    this.prompts = new PromptReader(options);
    this.images = List.copyOf(images);
    this.texts = templated || texts.isEmpty() ? List.copyOf(texts) : prompts.fields();
    this.maxBytes = options.get(ExecuTorchOptions.MAX_RECORD_SIZE).getBytes();
    if (!templated && texts.size() > 1) {
      throw new IllegalArgumentException(
          "Columns %s hold texts; set %s to say how they make one prompt."
              .formatted(texts, ExecuTorchOptions.PROMPT_TEMPLATE.key()));
    }
    if (templated
        && !(texts.containsAll(prompts.fields()) && prompts.fields().containsAll(texts))) {
      throw new IllegalArgumentException(
          "%s has the fields %s, and the columns of text are %s: it must use each, and no other."
              .formatted(ExecuTorchOptions.PROMPT_TEMPLATE.key(), prompts.fields(), texts));
    }
    if (images.isEmpty() && options.get(ExecuTorchOptions.IMAGE_PROMPT) != null) {
      throw new IllegalArgumentException(
          ExecuTorchOptions.IMAGE_PROMPT.key() + " is set, but there is no column of images.");
    }
  }

  /**
   * The request in a row.
   *
   * @param values of the columns of text, {@code null} for a NULL
   * @param pictures of the columns of images, {@code null} for a NULL
   */
  InferenceRequest read(List<String> values, List<RequestImage> pictures) {
    try {
      requireSize(values);
      requireImages(pictures);
      ReadPrompt prompt = promptOf(values);
      return new InferenceRequest(
          idOf(prompt.text(), pictures),
          prompt.text(),
          pictures.toArray(RequestImage[]::new),
          RequestOverrides.NONE,
          null,
          null,
          null,
          prompt.fields(),
          null);
    } catch (RejectedRecordException e) {
      return new InferenceRequest(
          REJECTED, null, null, RequestOverrides.NONE, null, e.rejection(FailureStage.PARSE));
    }
  }

  private ReadPrompt promptOf(List<String> values) throws RejectedRecordException {
    if (texts.isEmpty()) {
      return prompts.ofImageAlone();
    }
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < values.size(); i++) {
      record.put(texts.get(i), values.get(i));
    }
    return prompts.read(record, !images.isEmpty());
  }

  private void requireSize(List<String> values) throws RejectedRecordException {
    long bytes = 0;
    for (String value : values) {
      bytes += value == null ? 0 : value.getBytes(UTF_8).length;
    }
    if (bytes > maxBytes) {
      throw new RejectedRecordException(
          FailureKind.TOO_LARGE,
          "Texts of %d bytes exceed the limit of %d; raise %s."
              .formatted(bytes, maxBytes, ExecuTorchOptions.MAX_RECORD_SIZE.key()));
    }
  }

  private void requireImages(List<RequestImage> pictures) throws RejectedRecordException {
    for (int i = 0; i < pictures.size(); i++) {
      if (pictures.get(i) == null) {
        throw new RejectedRecordException(
            FailureKind.MISSING_FIELD, "Column '" + images.get(i) + "' is NULL in the row.");
      }
    }
  }

  private static String idOf(String prompt, List<RequestImage> pictures) {
    ContentDigest digest = new ContentDigest().add(prompt);
    for (RequestImage picture : pictures) {
      if (picture.encoded() == null) {
        digest.add(picture.reference());
      } else {
        digest.add(picture.encoded());
      }
    }
    return digest.hex();
  }
}
