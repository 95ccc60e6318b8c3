package io.github.flinkexecutorch.jobs.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.jobs.JobTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer of completions, with a group of its own, that reads no more than it is told to. */
final class PausingConsumer implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Consumer<byte[], byte[]> consumer;
  private final List<String> keys = new ArrayList<>();

  PausingConsumer(JobTopics topics) {
    Properties properties = topics.broker().clientProperties();
    properties.setProperty(ConsumerConfig.GROUP_ID_CONFIG, topics.name() + "-reader");
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "10");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(List.of(topics.completionsTopic()));
  }

  /**
   * Reads until it has so many, or no more come for long.
   *
   * @return the keys of all completions so far
   */
  List<String> readUpTo(int completions) {
    long lastNew = System.nanoTime();
    while (keys.size() < completions && System.nanoTime() - lastNew < LIMIT.toNanos()) {
      int before = keys.size();
      consumer.poll(POLL).forEach(record -> keys.add(new String(record.key(), UTF_8)));
      consumer.commitSync();
      if (keys.size() > before) {
        lastNew = System.nanoTime();
      }
    }
    return List.copyOf(keys);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
