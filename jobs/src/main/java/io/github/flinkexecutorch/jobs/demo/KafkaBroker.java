package io.github.flinkexecutorch.jobs.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A single broker, wherever it runs, as its clients see it. */
@Internal
public interface KafkaBroker extends AutoCloseable {
  /** What clients name as {@code bootstrap.servers}. */
  String bootstrapServers();

  @Override
  void close();

  /** The client properties that every producer, consumer and admin client needs. */
  default Properties clientProperties() {
    Properties properties = new Properties();
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers());
    return properties;
  }

  /**
   * Waits until the broker gives out producer ids, without which no record is taken. On a busy
   * machine a broker was seen that never did.
   *
   * @throws TimeoutException if it does not within this time
   */
  default void awaitProducerIds(Duration limit) {
    Properties properties = clientProperties();
    properties.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "ready");
    properties.setProperty(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(limit.toMillis()));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
    }
  }

  /**
   * Creates topics with one replica and {@code partitions} partitions each, and returns when all of
   * them take records.
   *
   * <p>A partition that is not ready refuses a producer's first batch; if it takes the second one,
   * already on its way, the first is out of sequence for ever.
   */
  default void createTopics(int partitions, String... names) throws Exception {
    List<NewTopic> topics =
        Arrays.stream(names).map(name -> new NewTopic(name, partitions, (short) 1)).toList();
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (String name : names) {
      for (int partition = 0; partition < partitions; partition++) {
        ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
      }
    }
    try (Admin admin = Admin.create(clientProperties())) {
      admin.createTopics(topics).all().get();
      awaitLeaders(admin, ends);
    }
  }

  /** Writes records and returns when the broker has all of them. */
  default void produce(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            clientProperties(), new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> acknowledgements = new ArrayList<>();
      for (ProducerRecord<byte[], byte[]> record : records) {
        acknowledgements.add(producer.send(record));
      }
      for (Future<RecordMetadata> acknowledgement : acknowledgements) {
        acknowledgement.get();
      }
    }
  }

  /** Asks the leader of each partition until it answers. */
  private static void awaitLeaders(Admin admin, Map<TopicPartition, OffsetSpec> ends)
      throws Exception {
    Duration limit = Duration.ofSeconds(60);
    long start = System.nanoTime();
    while (true) {
      try {
        admin.listOffsets(ends).all().get();
        return;
      } catch (ExecutionException e) {
        boolean late = System.nanoTime() - start > limit.toNanos();
        if (!(e.getCause() instanceof RetriableException) || late) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }
}
