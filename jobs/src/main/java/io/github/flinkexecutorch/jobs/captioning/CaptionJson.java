package io.github.flinkexecutorch.jobs.captioning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;

/** Results as JSON: an object with the fields of the record, in UTF-8, the id first. */
final class CaptionJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The thumbnail, if there is one, is in base64. */
  static byte[] of(CaptionRecord record) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("id", record.id())
            .put("image", record.image())
            .put("caption", record.caption())
            .put("finishReason", record.finishReason())
            .put("promptTokens", record.promptTokens())
            .put("generatedTokens", record.generatedTokens())
            .put("modelDigest", record.modelDigest())
            .put("queueMs", record.queueMs())
            .put("inferenceMs", record.inferenceMs())
            .put("width", record.width())
            .put("height", record.height());
    return bytes(record.thumbnail() == null ? json : json.put("thumbnail", record.thumbnail()));
  }

  static byte[] of(DeadLetter letter) {
    return bytes(
        JSON.createObjectNode()
            .put("id", letter.id())
            .put("image", letter.image())
            .put("kind", letter.kind())
            .put("message", letter.message())
            .put("stage", letter.stage()));
  }

  private static byte[] bytes(ObjectNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CaptionJson() {}
}
