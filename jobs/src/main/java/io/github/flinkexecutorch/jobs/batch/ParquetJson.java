package io.github.flinkexecutorch.jobs.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.JulianFields;
import java.util.Base64;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.NanoTime;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveStringifier;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/**
 * Rows as JSON objects: lists as arrays, maps as objects, decimals as numbers, dates, times and
 * UUIDs as text; bytes that are no text in UTF-8 in base64.
 */
final class ParquetJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  static ObjectNode of(Group row) {
    ObjectNode object = JSON.objectNode();
    GroupType type = row.getType();
    for (int i = 0; i < type.getFieldCount(); i++) {
      Type field = type.getType(i);
      int count = row.getFieldRepetitionCount(i);
      if (field.isRepetition(Type.Repetition.REPEATED)) {
        ArrayNode values = object.putArray(field.getName());
        for (int k = 0; k < count; k++) {
          values.add(value(row, i, k));
        }
      } else {
        object.set(field.getName(), count == 0 ? JSON.nullNode() : value(row, i, 0));
      }
    }
    return object;
  }

  private static JsonNode value(Group row, int field, int index) {
    Type type = row.getType().getType(field);
    if (type.isPrimitive()) {
      return scalar(row, field, index);
    }
    Group group = row.getGroup(field, index);
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    if (annotation instanceof ListLogicalTypeAnnotation) {
      return list(group);
    }
    return annotation instanceof MapLogicalTypeAnnotation ? map(group) : of(group);
  }

  /** The only field is repeated: the elements, or, as newer writers do, groups of one element. */
  private static JsonNode list(Group list) {
    ArrayNode elements = JSON.arrayNode();
    Type repeated = list.getType().getType(0);
    boolean wrapped =
        !repeated.isPrimitive()
            && repeated.asGroupType().getFieldCount() == 1
            && !repeated.getName().equals("array")
            && !repeated.getName().endsWith("_tuple");
    for (int k = 0; k < list.getFieldRepetitionCount(0); k++) {
      if (!wrapped) {
        elements.add(value(list, 0, k));
        continue;
      }
      Group wrapper = list.getGroup(0, k);
      elements.add(
          wrapper.getFieldRepetitionCount(0) == 0 ? JSON.nullNode() : value(wrapper, 0, 0));
    }
    return elements;
  }

  private static JsonNode map(Group map) {
    ObjectNode object = JSON.objectNode();
    for (int k = 0; k < map.getFieldRepetitionCount(0); k++) {
      Group entry = map.getGroup(0, k);
      boolean set = entry.getType().getFieldCount() > 1 && entry.getFieldRepetitionCount(1) > 0;
      object.set(scalar(entry, 0, 0).asText(), set ? value(entry, 1, 0) : JSON.nullNode());
    }
    return object;
  }

  private static JsonNode scalar(Group row, int field, int index) {
    PrimitiveType type = row.getType().getType(field).asPrimitiveType();
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    boolean number =
        annotation instanceof DecimalLogicalTypeAnnotation
            || annotation instanceof IntLogicalTypeAnnotation;
    PrimitiveStringifier writer = type.stringifier();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> JSON.booleanNode(row.getBoolean(field, index));
      case FLOAT -> number(row.getFloat(field, index));
      case DOUBLE -> number(row.getDouble(field, index));
      case INT32 ->
          annotation == null
              ? JSON.numberNode(row.getInteger(field, index))
              : written(writer.stringify(row.getInteger(field, index)), number);
      case INT64 ->
          annotation == null
              ? JSON.numberNode(row.getLong(field, index))
              : written(writer.stringify(row.getLong(field, index)), number);
      case INT96 -> JSON.textNode(instant(row.getInt96(field, index)).toString());
      case BINARY, FIXED_LEN_BYTE_ARRAY ->
          number || annotation instanceof UUIDLogicalTypeAnnotation
              ? written(writer.stringify(row.getBinary(field, index)), number)
              : text(row.getBinary(field, index));
    };
  }

  private static JsonNode written(String text, boolean number) {
    return number ? JSON.numberNode(new BigDecimal(text)) : JSON.textNode(text);
  }

  /** JSON has no infinities, and nothing that is no number. */
  private static JsonNode number(float value) {
    return Float.isFinite(value) ? JSON.numberNode(value) : JSON.textNode(Float.toString(value));
  }

  private static JsonNode number(double value) {
    return Double.isFinite(value) ? JSON.numberNode(value) : JSON.textNode(Double.toString(value));
  }

  private static JsonNode text(Binary bytes) {
    try {
      return JSON.textNode(
          StandardCharsets.UTF_8.newDecoder().decode(bytes.toByteBuffer()).toString());
    } catch (CharacterCodingException e) {
      return JSON.textNode(Base64.getEncoder().encodeToString(bytes.getBytes()));
    }
  }

  /** Days of the Julian calendar, and nanoseconds of the day. */
  private static Instant instant(Binary int96) {
    NanoTime time = NanoTime.fromBinary(int96);
    return LocalDate.EPOCH
        .with(JulianFields.JULIAN_DAY, time.getJulianDay())
        .atStartOfDay(ZoneOffset.UTC)
        .toInstant()
        .plusNanos(time.getTimeOfDayNanos());
  }

  private ParquetJson() {}
}
