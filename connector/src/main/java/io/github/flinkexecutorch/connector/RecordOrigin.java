package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/**
 * A source record as it came in, kept beside the request so that a dead letter can be sent again.
 *
 * @param topic where the record was read: a topic, a file, a table; {@code null} if unknown
 * @param partition partition of the topic, -1 if the source has none
 * @param offset position within the partition, -1 if the source has none
 * @param timestamp milliseconds since the epoch as the source says, -1 if it says nothing
 * @param key raw key, may be {@code null}
 * @param value raw value, {@code null} for a tombstone
 * @param headers raw headers in their order, never {@code null}
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record RecordOrigin(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte[] key,
    byte[] value,
    RecordHeader[] headers) {

  private static final RecordHeader[] NO_HEADERS = {};
  private static final int HEADER_OVERHEAD = 10; // two lengths, of five bytes at most
  private static final long MOST_UTF_8 = 3; // bytes of a character

  public RecordOrigin {
    headers = headers == null ? NO_HEADERS : headers;
  }

  /** A record of which only the value is known. */
  public static RecordOrigin ofValue(byte[] value) {
    return new RecordOrigin(null, -1, -1, -1, null, value, NO_HEADERS);
  }

  /**
   * Where the record was read, such as {@code tickets-0-42}, or {@code tickets.jsonl:42} without a
   * partition: the same in every attempt.
   */
  public String position() {
    return topic + (partition < 0 ? ":" : "-" + partition + "-") + offset;
  }

  /** Most bytes that the key and the headers take in a message of Kafka. */
  public long keyAndHeaderBytes() {
    long bytes = lengthOf(key);
    for (RecordHeader header : headers) {
      bytes += HEADER_OVERHEAD + header.key().length() * MOST_UTF_8 + lengthOf(header.value());
    }
    return bytes;
  }

  /** Position and sizes only: keys, values and headers are user data. */
  @Override
  public String toString() {
    return "RecordOrigin[" + position() + ", " + lengthOf(value) + " value bytes]";
  }

  private static int lengthOf(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
