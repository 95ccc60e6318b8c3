package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * What a crash journal knows a request by: the same in every attempt to complete the same record
 * with the same model, and nothing of what the record says.
 *
 * @param digest 32 hexadecimal characters, of all that makes the request
 * @param name for people who read the journal: the record's position, or else the request's id
 */
record JournalKey(String digest, String name) {
  private static final JsonMapper JSON = new JsonMapper();

  static JournalKey of(InferenceRequest request, String modelDigest) {
    RecordOrigin origin = request.origin();
    boolean placed = origin != null && origin.offset() >= 0;
    String name = placed ? origin.position() : request.id();
    ContentDigest digest = new ContentDigest().add(modelDigest).add(request.id()).add(name);
    if (origin != null && origin.value() != null) {
      return new JournalKey(digest.add(origin.value()).hex(), name);
    }
    digest.add(request.prompt()).add(json(request.overrides()));
    for (RequestMessage message : request.messages()) {
      digest.add(message.role()).add(Integer.toString(message.parts().length));
      for (String part : message.parts()) {
        digest.add(part == null ? "image" : "text").add(part == null ? "" : part);
      }
    }
    for (RequestImage image : request.images()) {
      if (image.encoded() != null) {
        digest.add(image.encoded());
      } else if (image.reference() != null) {
        digest.add(image.reference());
      } else {
        digest.add(image.pixels());
      }
    }
    return new JournalKey(digest.hex(), name);
  }

  private static byte[] json(RequestOverrides overrides) {
    try {
      return JSON.writeValueAsBytes(overrides == null ? RequestOverrides.NONE : overrides);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Overrides are plain values", e);
    }
  }
}
