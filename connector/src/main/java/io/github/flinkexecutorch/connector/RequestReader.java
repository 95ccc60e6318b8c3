package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Turns the value of a source record, JSON or an image, into a request. Total: whatever the bytes
 * are, a request comes out, with a rejection if there is no prompt in them.
 */
final class RequestReader {
  /** With these a completion has room for its text in a message of Kafka's default size. */
  private static final int MOST_ID_CHARACTERS = 1000;

  private static final int MOST_KEY_BYTES = 1 << 16; // with the headers

  private static final ReadPrompt NO_PROMPT = new ReadPrompt("", null);

  private final PromptReader prompts;
  private final String idField;
  private final String modelField; // null: records name no models
  private final ImagesReader images;
  private final boolean chat;
  private final boolean grammars;
  private final ValueFormat format;
  private final int maxBytes;
  private final ObjectReader json;

  /**
   * @throws IllegalArgumentException if the prompt template or a limit cannot work
   */
  RequestReader(ReadableConfig options) {
    prompts = new PromptReader(options);
    images =
        new ImagesReader(
            options.get(ExecuTorchOptions.IMAGE_FIELDS), options.get(ExecuTorchOptions.MAX_IMAGES));
    chat = new ChatPrompts(options).wanted();
    grammars = options.get(ExecuTorchOptions.ALLOW_GRAMMARS);
    format = options.get(ExecuTorchOptions.VALUE_FORMAT);
    idField = options.get(ExecuTorchOptions.ID_FIELD);
    modelField = options.get(ExecuTorchOptions.MODEL_FIELD);
    maxBytes = Math.toIntExact(options.get(ExecuTorchOptions.MAX_RECORD_SIZE).getBytes());
    json = strictJson(options.get(ExecuTorchOptions.MAX_RECORD_DEPTH), maxBytes);
  }

  /** The request in this record; its id is the id field's value or else the record's position. */
  InferenceRequest read(RecordOrigin origin) {
    String id = origin.position();
    try {
      checkKey(origin);
      if (isImage(origin.value())) {
        return imageAlone(origin);
      }
      JsonNode record = parse(origin.value());
      id = idOf(record, origin);
      RequestOverrides overrides = OverridesReader.read(record, grammars);
      RequestImage[] pictures = images.read(record);
      RequestMessage[] messages = chat ? MessagesReader.read(record) : new RequestMessage[0];
      ReadPrompt prompt =
          messages.length > 0 ? NO_PROMPT : prompts.read(record, pictures.length > 0);
      return new InferenceRequest(
          id,
          prompt.text(),
          pictures,
          overrides,
          origin,
          null,
          modelOf(record),
          prompt.fields(),
          messages);
    } catch (RejectedRecordException e) {
      return new InferenceRequest(
          id, null, null, RequestOverrides.NONE, origin, e.rejection(FailureStage.PARSE));
    }
  }

  private boolean isImage(byte[] value) {
    return value != null
        && (format == ValueFormat.IMAGE
            || (format == ValueFormat.AUTO && ImageDecoder.isImage(value)));
  }

  private InferenceRequest imageAlone(RecordOrigin origin) throws RejectedRecordException {
    ReadPrompt prompt = prompts.ofImageAlone();
    return new InferenceRequest(
        idOf(MissingNode.getInstance(), origin),
        prompt.text(),
        new RequestImage[] {RequestImage.ofBytes(origin.value())},
        RequestOverrides.NONE,
        origin,
        null,
        null,
        prompt.fields(),
        null);
  }

  private JsonNode parse(byte[] value) throws RejectedRecordException {
    if (value == null) {
      throw new RejectedRecordException(FailureKind.MALFORMED, "The record has no value.");
    }
    if (value.length > maxBytes) {
      throw new RejectedRecordException(
          FailureKind.TOO_LARGE,
          "Value of %d bytes exceeds the limit of %d; raise %s."
              .formatted(value.length, maxBytes, ExecuTorchOptions.MAX_RECORD_SIZE.key()));
    }
    JsonNode record;
    try {
      record = json.readTree(text(value));
    } catch (StreamConstraintsException e) {
      throw new RejectedRecordException(
          FailureKind.TOO_LARGE,
          "Value of %d bytes is nested deeper than %s or has a too long name or number, at %s."
              .formatted(value.length, ExecuTorchOptions.MAX_RECORD_DEPTH.key(), place(e)),
          e);
    } catch (JsonProcessingException e) { // its message quotes the value, so it is not passed on
      throw new RejectedRecordException(
          FailureKind.MALFORMED,
          "Value of %d bytes is not one JSON object without duplicate fields: refused at %s."
              .formatted(value.length, place(e)),
          e);
    }
    if (!record.isObject()) {
      throw new RejectedRecordException(
          FailureKind.MALFORMED,
          "Value of %d bytes is JSON, but not an object.".formatted(value.length));
    }
    return record;
  }

  /** Strict, because Jackson would guess UTF-16 or UTF-32 and let some broken sequences pass. */
  private static String text(byte[] value) throws RejectedRecordException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      throw new RejectedRecordException(
          FailureKind.MALFORMED, "Value of %d bytes is not UTF-8.".formatted(value.length), e);
    }
  }

  private String modelOf(JsonNode record) throws RejectedRecordException {
    JsonNode model = modelField == null ? MissingNode.getInstance() : record.path(modelField);
    if (model.isMissingNode() || model.isNull()) {
      return null;
    }
    if (!model.isTextual()) {
      throw new RejectedRecordException(
          FailureKind.MALFORMED, "Field '" + modelField + "' must be a string.");
    }
    return model.asText();
  }

  private String idOf(JsonNode record, RecordOrigin origin) throws RejectedRecordException {
    JsonNode id = record.path(idField);
    if ((id.isMissingNode() || id.isNull()) && origin.offset() >= 0) {
      return origin.position();
    }
    if (id.isMissingNode() || id.isNull()) {
      throw new RejectedRecordException(
          FailureKind.MISSING_FIELD,
          "The record has no field '" + idField + "', and its source has no offsets to name it.");
    }
    if (!(id.isTextual() || id.isIntegralNumber()) || id.asText().isBlank()) {
      throw new RejectedRecordException(
          FailureKind.MALFORMED,
          "Field '" + idField + "' must be a string with characters or an integer.");
    }
    if (id.asText().length() > MOST_ID_CHARACTERS) {
      throw new RejectedRecordException(
          FailureKind.TOO_LARGE,
          "Field '%s' has %d characters; an id may have %d."
              .formatted(idField, id.asText().length(), MOST_ID_CHARACTERS));
    }
    return id.asText();
  }

  private static void checkKey(RecordOrigin origin) throws RejectedRecordException {
    long bytes = origin.keyAndHeaderBytes();
    if (bytes > MOST_KEY_BYTES) {
      throw new RejectedRecordException(
          FailureKind.TOO_LARGE,
          "Key and headers take up to %d bytes of a message; they may take %d."
              .formatted(bytes, MOST_KEY_BYTES));
    }
  }

  private static ObjectReader strictJson(int maxDepth, int maxBytes) {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(maxDepth)
                    .maxStringLength(maxBytes)
                    .maxDocumentLength(maxBytes)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build()
        .readerFor(JsonNode.class);
  }

  private static String place(JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    return location == null
        ? "an unknown place"
        : "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }
}
