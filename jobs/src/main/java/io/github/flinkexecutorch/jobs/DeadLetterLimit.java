package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.connector.Failure;
import java.io.Serializable;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Keeps dead letters within the producer's limit. A record that fitted into a message is larger as
 * a dead letter, by its headers; a producer that refuses it would restart the job for ever. So the
 * value is left out of such a letter, which says where the record can be read again: at its topic,
 * partition and offset.
 *
 * @param maxRequestSize most bytes of one message
 */
record DeadLetterLimit(int maxRequestSize) implements Serializable {
  /** The producer's default, which it publishes nowhere else. */
  private static final int DEFAULT = 1 << 20;

  /** More than a batch and a record need beside their contents; for a header, likewise. */
  private static final int RECORD_OVERHEAD = 128;

  private static final int HEADER_OVERHEAD = 10;

  static DeadLetterLimit of(Properties producer) {
    String size = producer.getProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
    return new DeadLetterLimit(size == null ? DEFAULT : Integer.parseInt(size.strip()));
  }

  byte[] value(Failure failure) {
    return fits(failure, DeadLetterHeaders.of(failure)) ? failure.origin().value() : null;
  }

  Iterable<Header> headers(Failure failure) {
    Headers headers = DeadLetterHeaders.of(failure);
    if (!fits(failure, headers)) {
      String bytes = Integer.toString(failure.origin().value().length);
      headers.add(DeadLetterHeaders.OMITTED, bytes.getBytes(UTF_8));
    }
    return headers;
  }

  private boolean fits(Failure failure, Headers headers) {
    long bytes = (long) RECORD_OVERHEAD + length(failure.origin().key());
    for (Header header : headers) {
      bytes += HEADER_OVERHEAD + header.key().length() * 3L + length(header.value());
    }
    int value = length(failure.origin().value());
    return value == 0 || bytes + value <= maxRequestSize;
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
