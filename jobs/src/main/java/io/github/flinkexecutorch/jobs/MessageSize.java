package io.github.flinkexecutorch.jobs;

import java.util.Properties;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.MemorySize;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * How large the messages of a job may be. What a producer refuses restarts the job for ever, so
 * nothing larger may come as far as that.
 */
@Internal
public final class MessageSize {
  /** The producer's default, which it publishes nowhere else. */
  private static final int DEFAULT = 1 << 20;

  /** For what a completion has beside its text: key, headers, id, counts. All of it is bounded. */
  private static final int RESERVED = 1 << 17;

  private MessageSize() {}

  /** Most bytes of one message. */
  public static int largest(Properties producer) {
    String size = producer.getProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
    return size == null ? DEFAULT : Integer.parseInt(size.strip());
  }

  /**
   * Most bytes of the text of a completion, as JSON.
   *
   * @throws IllegalArgumentException if messages are so small that there is hardly room for one
   */
  public static MemorySize ofCompletion(Properties producer) {
    int largest = largest(producer);
    if (largest < 2 * RESERVED) {
      throw new IllegalArgumentException(
          "--kafka-property %s = %d is too small for completions with their keys and headers; the least is %d."
              .formatted(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, largest, 2 * RESERVED));
    }
    return new MemorySize(largest - RESERVED);
  }
}
