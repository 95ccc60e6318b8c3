package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.connector.Failure;
import io.github.flinkexecutorch.connector.RecordHeader;
import io.github.flinkexecutorch.connector.RecordOrigin;
import java.time.Instant;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * What a dead letter says about itself: the headers of the original record first, then ours, as
 * text in UTF-8. A record that was sent again and failed again has ours more than once; the last
 * one counts.
 */
@PublicEvolving
public final class DeadLetterHeaders {
  public static final String PREFIX = "executorch.failure.";

  /** How many bytes the value had that the dead letter lacks, because it was too large. */
  public static final String OMITTED = PREFIX + "omitted.bytes";

  /** How many bytes the key had that the dead letter lacks, because it was too large. */
  public static final String OMITTED_KEY = PREFIX + "omitted.key.bytes";

  /** How many headers the record had that the dead letter lacks, because they were too large. */
  public static final String OMITTED_HEADERS = PREFIX + "omitted.headers";

  static Headers of(Failure failure) {
    Headers headers = new RecordHeaders();
    for (RecordHeader header : failure.origin().headers()) {
      headers.add(header.key(), header.value());
    }
    return add(headers, failure);
  }

  /** Without those of the original record. */
  static Headers ofOurs(Failure failure) {
    return add(new RecordHeaders(), failure);
  }

  private static Headers add(Headers headers, Failure failure) {
    RecordOrigin origin = failure.origin();
    add(headers, "id", failure.id());
    add(headers, "reason", failure.kind());
    add(headers, "stage", failure.stage());
    add(headers, "message", failure.message());
    add(headers, "exception.class", failure.exceptionClass());
    add(headers, "topic", origin.topic());
    add(headers, "partition", origin.partition());
    add(headers, "offset", origin.offset());
    add(headers, "timestamp", origin.timestamp());
    add(headers, "job", failure.job());
    add(headers, "subtask", failure.subtask());
    add(headers, "attempt", failure.attempt());
    add(headers, "tries", failure.tries());
    add(headers, "time", Instant.ofEpochMilli(failure.failedAt()));
    return headers;
  }

  private static void add(Headers headers, String name, Object value) {
    if (value != null) {
      headers.add(PREFIX + name, value.toString().getBytes(UTF_8));
    }
  }

  private DeadLetterHeaders() {}
}
