package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import io.github.flinkexecutorch.jobs.demo.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.CommonClientConfigs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ResultSinkITCase {
  private static final int RECORDS = 200;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2);

  /** Of other tests in this process. */
  private final Set<String> before = adminClients();

  @Test
  void shouldCloseItsClientsAndWriteOnceWhenATaskStartsAgain() throws Exception {
    try (LocalBroker broker = LocalBroker.start()) {
      broker.createTopics(2, "results");

      run(broker.clientProperties());

      assertThat(FailOnce.hasFailed()).isTrue();
      assertThat(Topic.readCommitted(broker.clientProperties(), "results"))
          .extracting(record -> new String(record.value(), UTF_8))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, RECORDS).mapToObj(Integer::toString).toList());
    }
    requireNoMoreClients();
  }

  @Test
  void shouldLeaveNoClientBehindWhereTheTopicIsMissing() throws Exception {
    try (LocalBroker broker = LocalBroker.start()) {
      Properties client = broker.clientProperties();
      assertThatThrownBy(() -> run(client))
          .hasStackTraceContaining("tell nothing of topic results");
    }
    requireNoMoreClients();
  }

  @Test
  void shouldLeaveNoClientBehindWhereNoBrokerAnswers() {
    Properties client = new Properties();
    client.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
    client.setProperty(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "2000");
    client.setProperty(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "1000");

    assertThatThrownBy(() -> run(client))
        .hasStackTraceContaining("Brokers localhost:1 tell nothing of topic results");

    requireNoMoreClients();
  }

  /** Writes the numbers from 0, with two subtasks, one failure and one start more. */
  private static void run(Properties client) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.enableCheckpointing(100);
    env.setParallelism(2);
    ResultSerializer<Long> serializer =
        new ResultSerializer<>(
            "results", number -> null, number -> number.toString().getBytes(UTF_8), n -> List.of());
    env.fromSequence(0, RECORDS - 1)
        .map(new FailOnce<>(RECORDS / 4))
        .returns(Long.class)
        .sinkTo(
            ResultSink.of(
                serializer,
                client,
                DeliveryGuarantee.EXACTLY_ONCE,
                Duration.ofMinutes(1),
                "result-sink"));
    env.execute();
  }

  private void requireNoMoreClients() {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(before).containsAll(adminClients()));
  }

  private static Set<String> adminClients() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("kafka-admin-client-thread"))
        .collect(Collectors.toSet());
  }
}
