package io.github.flinkexecutorch.jobs.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads whole topics, outside any consumer group. */
@Internal
public final class Topic {
  private static final Duration POLL = Duration.ofMillis(200);

  /** Everything that transactions committed so far have written to a topic. */
  public static List<ConsumerRecord<byte[], byte[]>> readCommitted(Properties client, String name) {
    awaitDecided(client);
    return read(client, name, "read_committed");
  }

  /** Everything that was written to a topic so far, also by transactions open or aborted. */
  public static List<ConsumerRecord<byte[], byte[]>> readUncommitted(
      Properties client, String name) {
    return read(client, name, "read_uncommitted");
  }

  /**
   * Waits until the partitions know of the transactions whose end is decided. A producer that
   * commits is told so earlier, and a job with it.
   */
  public static void awaitDecided(Properties client) {
    ListTransactionsOptions decided =
        new ListTransactionsOptions()
            .filterStates(Set.of(TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT));
    try (Admin admin = Admin.create(client)) {
      while (!admin.listTransactions(decided).all().get().isEmpty()) {
        Thread.sleep(POLL.toMillis());
      }
    } catch (ExecutionException e) {
      throw new KafkaException("The broker does not tell its transactions.", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(
      Properties client, String name, String isolation) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer = consumer(client, isolation)) {
      List<TopicPartition> partitions = assign(consumer, name);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(POLL).forEach(records::add);
      }
    }
    return records;
  }

  /** A consumer at the beginning of {@code names} that also sees what is not committed yet. */
  static Consumer<byte[], byte[]> follow(Properties client, String... names) {
    Consumer<byte[], byte[]> consumer = consumer(client, "read_uncommitted");
    assign(consumer, names);
    return consumer;
  }

  /** A consumer at the beginning of {@code names} that sees what is committed. */
  public static Consumer<byte[], byte[]> followCommitted(Properties client, String... names) {
    Consumer<byte[], byte[]> consumer = consumer(client, "read_committed");
    assign(consumer, names);
    return consumer;
  }

  private static Consumer<byte[], byte[]> consumer(Properties client, String isolation) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static List<TopicPartition> assign(Consumer<?, ?> consumer, String... names) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String name : names) {
      consumer
          .partitionsFor(name)
          .forEach(info -> partitions.add(new TopicPartition(name, info.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return partitions;
  }

  private Topic() {}
}
