package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.Failure;
import io.github.flinkexecutorch.connector.RecordOrigin;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.OptionalLong;

/**
 * A record without a completion. As JSON it is the object of these fields, in snake case, without
 * those that are {@code null}.
 *
 * @param id of the record, or where it was read
 * @param kind name of a {@link io.github.flinkexecutorch.connector.FailureKind}
 * @param message what was tried, which limit, what to change
 * @param stage name of a {@link io.github.flinkexecutorch.connector.FailureStage}
 * @param file path below the input's root
 * @param offset of the line in the file, in bytes; or the number of its row, from 0
 * @param record the line as it was read, or the row as JSON; {@code null} if it was too large to be
 *     kept or is no text
 * @param recordBase64 the line where it is no text in UTF-8
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
@SuppressWarnings("ArrayRecordComponent") // never compared
record DeadLetter(
    String id,
    String kind,
    String message,
    String stage,
    String file,
    long offset,
    String record,
    byte[] recordBase64) {

  static DeadLetter of(Failure failure) {
    RecordOrigin origin = failure.origin();
    OptionalLong cut = CutRecord.bytes(origin);
    String text = cut.isPresent() ? null : text(origin.value());
    return new DeadLetter(
        failure.id(),
        failure.kind().name(),
        cut.isPresent() ? tooLong(cut.getAsLong()) : failure.message(),
        failure.stage().name(),
        origin.topic(),
        origin.offset(),
        text,
        text == null && cut.isEmpty() ? origin.value() : null);
  }

  private static String tooLong(long bytes) {
    return "Line of %d bytes exceeds the limit; raise %s."
        .formatted(bytes, ExecuTorchOptions.MAX_RECORD_SIZE.key());
  }

  private static String text(byte[] value) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
