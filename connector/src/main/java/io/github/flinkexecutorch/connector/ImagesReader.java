package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * Reads the images of a record: a reference or a {@code data:} URI as a string, or an object of
 * either {@code reference} or {@code base64}; or a list of such values.
 */
final class ImagesReader {
  private static final String REFERENCE = "reference";
  private static final String BASE64 = "base64";
  private static final Set<String> NAMES = Set.of(REFERENCE, BASE64);
  private static final String DATA_URI = "data:";
  private static final String DATA_IS_BASE64 = ";base64";

  private final List<String> fields;
  private final int maxImages;

  /**
   * @param fields of a record, any of which may hold images
   * @param maxImages most images of a record
   */
  ImagesReader(List<String> fields, int maxImages) {
    this.fields = List.copyOf(fields);
    this.maxImages = maxImages;
  }

  /** All images of the record, in the order of the fields and of their lists. */
  RequestImage[] read(JsonNode record) throws RejectedRecordException {
    List<RequestImage> images = new ArrayList<>();
    for (String field : fields) {
      JsonNode value = record.path(field);
      if (value.isArray()) {
        for (JsonNode element : value) {
          add(images, field, element);
        }
      } else if (!value.isMissingNode() && !value.isNull()) {
        add(images, field, value);
      }
    }
    return images.toArray(RequestImage[]::new);
  }

  private void add(List<RequestImage> images, String field, JsonNode value)
      throws RejectedRecordException {
    if (images.size() == maxImages) {
      throw new RejectedRecordException(
          FailureKind.TOO_LARGE,
          "The record has more than %d images; raise %s."
              .formatted(maxImages, ExecuTorchOptions.MAX_IMAGES.key()));
    }
    images.add(image(field, value));
  }

  private static RequestImage image(String field, JsonNode value) throws RejectedRecordException {
    if (value.isTextual()) {
      return named(field, value.textValue());
    }
    boolean one =
        value.isObject() && value.size() == 1 && NAMES.contains(value.fieldNames().next());
    if (!one || !value.elements().next().isTextual()) {
      throw malformed(field, "must be a string, or an object of a string 'reference' or 'base64'");
    }
    return value.has(BASE64)
        ? encoded(field, value.get(BASE64).textValue())
        : named(field, value.get(REFERENCE).textValue());
  }

  private static RequestImage named(String field, String reference) throws RejectedRecordException {
    if (reference.isBlank()) {
      throw malformed(field, "must not be blank");
    }
    if (!reference.regionMatches(true, 0, DATA_URI, 0, DATA_URI.length())) {
      return RequestImage.ofReference(reference);
    }
    int comma = reference.indexOf(',');
    if (comma < 0 || !reference.substring(0, comma).endsWith(DATA_IS_BASE64)) {
      throw malformed(field, "has a data URI that is not base64");
    }
    return encoded(field, reference.substring(comma + 1));
  }

  private static RequestImage encoded(String field, String base64) throws RejectedRecordException {
    try {
      return RequestImage.ofBytes(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException e) {
      throw malformed(field, "is not base64 (RFC 4648, without line breaks)");
    }
  }

  private static RejectedRecordException malformed(String field, String rule) {
    return new RejectedRecordException(
        FailureKind.MALFORMED, "Field '" + field + "' " + rule + ".");
  }
}
