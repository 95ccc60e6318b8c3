package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The lag that docker/alerts.yml is about is a metric of Flink's own source, which may lose it. */
class SourceLagITCase {
  private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setConfiguration(REPORTER.addToConfiguration(new Configuration()))
              .build());

  @Test
  void shouldSayWhatKafkaStillHasForASubtaskOfTheSource() throws Exception {
    try (LocalBroker broker = LocalBroker.start()) {
      JobTopics topics = JobTopics.create(broker, "lag", 1);
      List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (JsonNode ticket : JobTopics.tickets(5)) {
        records.add(new ProducerRecord<>(topics.requests(), ticket.toString().getBytes(UTF_8)));
      }
      broker.produce(records);
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.setParallelism(1);
      env.enableCheckpointing(1000); // for the transactions of the sinks
      TestCluster.define(env, topics.options(), request -> request);

      JobID job = env.execute().getJobID();

      Set<String> metrics = REPORTER.getMetricsByIdentifiers(job).keySet();
      // After the number of the subtask: the operator's own group, as the alert's name has it.
      assertThat(metrics).anyMatch(metric -> metric.matches(".*\\.0\\.pendingRecords"));
      assertThat(topics.completions()).hasSize(5);
    }
  }
}
