package io.github.flinkexecutorch.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import org.apache.flink.annotation.Internal;

/** JSON in UTF-8. */
@Internal
public final class JsonBytes {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A tree, or a record as the object of its fields in their order, bytes in base64. */
  public static byte[] of(Object value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonBytes() {}
}
