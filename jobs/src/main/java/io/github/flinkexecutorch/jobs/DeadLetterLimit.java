package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.connector.Failure;
import java.io.Serializable;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Keeps dead letters within the producer's limit. A record that fitted into a message is larger as
 * a dead letter, by its headers; a producer that refuses it would restart the job for ever. So the
 * value is left out of such a letter, and if that is not enough, the record's key and headers too.
 * The letter says where the record can be read again: at its topic, partition and offset.
 *
 * @param maxRequestSize most bytes of one message
 */
record DeadLetterLimit(int maxRequestSize) implements Serializable {
  /** More than a batch, a record and what says that something is left out need. */
  private static final long RECORD_OVERHEAD = 512;

  private static final int HEADER_OVERHEAD = 10;

  static DeadLetterLimit of(Properties producer) {
    return new DeadLetterLimit(MessageSize.largest(producer));
  }

  byte[] key(Failure failure) {
    return keyFits(failure) ? failure.origin().key() : null;
  }

  byte[] value(Failure failure) {
    return valueFits(failure) ? failure.origin().value() : null;
  }

  Iterable<Header> headers(Failure failure) {
    Headers headers =
        keyFits(failure) ? DeadLetterHeaders.of(failure) : DeadLetterHeaders.ofOurs(failure);
    if (!valueFits(failure)) {
      add(headers, DeadLetterHeaders.OMITTED, length(failure.origin().value()));
    }
    if (!keyFits(failure)) {
      add(headers, DeadLetterHeaders.OMITTED_KEY, length(failure.origin().key()));
      add(headers, DeadLetterHeaders.OMITTED_HEADERS, failure.origin().headers().length);
    }
    return headers;
  }

  private boolean valueFits(Failure failure) {
    int value = length(failure.origin().value());
    return value == 0 || withoutValue(failure) + value <= maxRequestSize;
  }

  private boolean keyFits(Failure failure) {
    return withoutValue(failure) <= maxRequestSize;
  }

  private static long withoutValue(Failure failure) {
    long bytes = RECORD_OVERHEAD + failure.origin().keyAndHeaderBytes();
    for (Header header : DeadLetterHeaders.ofOurs(failure)) {
      bytes += HEADER_OVERHEAD + header.key().length() + header.value().length;
    }
    return bytes;
  }

  private static void add(Headers headers, String name, int number) {
    headers.add(name, Integer.toString(number).getBytes(UTF_8));
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
