package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * A topic as a sink: {@link KafkaSink}, whose writers close all that they have opened.
 *
 * @see ResultWriter
 */
@Internal
public final class ResultSink<T>
    implements Sink<T>,
        SupportsWriterState<T, KafkaWriterState>,
        SupportsCommitter<KafkaCommittable>,
        SupportsPostCommitTopology<KafkaCommittable>,
        LineageVertexProvider {
  private static final long serialVersionUID = 1;

  private final KafkaSink<T> sink;
  private final String topic;
  private final Properties client;
  private final boolean exactlyOnce;

  private ResultSink(
      KafkaSink<T> sink, String topic, Properties client, DeliveryGuarantee guarantee) {
    this.sink = sink;
    this.topic = topic;
    this.client = client;
    this.exactlyOnce = guarantee == DeliveryGuarantee.EXACTLY_ONCE;
  }

  /**
   * The sink of a topic.
   *
   * @param client what every Kafka client of the job gets
   * @param transactionTimeout longest time between two checkpoints, within what the brokers allow
   * @param transactionalIdPrefix of this job and this topic alone, the same in every start
   */
  public static <T> ResultSink<T> of(
      ResultSerializer<T> serializer,
      Properties client,
      DeliveryGuarantee guarantee,
      Duration transactionTimeout,
      String transactionalIdPrefix) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.setProperty(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Long.toString(transactionTimeout.toMillis()));
    // POOLING keeps the number of transactional ids on the broker constant over a job's life.
    return new ResultSink<>(
        KafkaSink.<T>builder()
            .setKafkaProducerConfig(properties)
            .setDeliveryGuarantee(guarantee)
            .setTransactionalIdPrefix(transactionalIdPrefix)
            .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
            .setRecordSerializer(serializer)
            .build(),
        serializer.topic(),
        properties,
        guarantee);
  }

  @Override
  public ResultWriter<T> createWriter(WriterInitContext context) throws IOException {
    askBroker();
    return new ResultWriter<>(sink.createWriter(context));
  }

  @Override
  public ResultWriter<T> restoreWriter(
      WriterInitContext context, Collection<KafkaWriterState> recovered) throws IOException {
    askBroker();
    return new ResultWriter<>(sink.restoreWriter(context, recovered));
  }

  /**
   * Fails where no broker answers, or none knows the topic, by a client that it closes. The writer
   * would fail as well, but in its construction, where nobody could close what it has opened: a
   * client for each new start.
   */
  private void askBroker() throws IOException {
    if (!exactlyOnce) {
      return;
    }
    Admin admin = Admin.create(client);
    try {
      admin.describeTopics(List.of(topic)).allTopicNames().get();
    } catch (ExecutionException e) {
      throw new IOException(
          "Brokers %s tell nothing of topic %s: %s"
              .formatted(
                  client.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG),
                  topic,
                  e.getCause().getMessage()),
          e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while asking a broker", e);
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  @Override
  public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
    return sink.getWriterStateSerializer();
  }

  @Override
  public Committer<KafkaCommittable> createCommitter(CommitterInitContext context) {
    return sink.createCommitter(context);
  }

  @Override
  public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
    return sink.getCommittableSerializer();
  }

  @Override
  public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committables) {
    sink.addPostCommitTopology(committables);
  }

  @Override
  public LineageVertex getLineageVertex() {
    return sink.getLineageVertex();
  }
}
