package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.connector.FaultReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The job with a real BROKER, a mini cluster and the sample model. */
class StreamEnrichmentJobITCase {
  private static final int PARALLELISM = 2;
  private static final int TICKETS = 200;

  @RegisterExtension
  @Order(BrokerExtension.FIRST)
  static final BrokerExtension BROKER = new BrokerExtension();

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(PARALLELISM);

  @Test
  void shouldAnswerEveryRecordExactlyOnceWhenTaskFails() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "failing", 4);
    List<JsonNode> tickets = JobTopics.tickets(TICKETS);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < tickets.size(); i++) {
      boolean bad = i % 20 == 7;
      records.add(record(topics, tickets.get(i), bad ? "not JSON" : request(tickets.get(i))));
    }
    BROKER.produce(records);

    StreamEnrichmentOptions options =
        topics.options("--parallelism", "" + PARALLELISM, "--checkpoint-interval", "300ms");
    TestCluster.runFailing(options, PARALLELISM, 20);

    assertThat(FailOnce.hasFailed()).as("a task has failed in the middle").isTrue();
    List<JsonNode> completions = topics.completions();
    List<String> completed = completions.stream().map(c -> c.get("id").asText()).toList();
    List<String> failed =
        topics.deadLetters().stream().map(letter -> new String(letter.key(), UTF_8)).toList();
    Set<String> found = new HashSet<>(completed);
    found.addAll(failed);
    FaultReport.row(33, "StreamEnrichmentJobITCase#shouldAnswerEveryRecordExactlyOnceWhenTaskFails")
        .in(TICKETS)
        .completions(completed.size())
        .deadLetters(failed.size())
        .duplicates(completed.size() + failed.size() - found.size())
        .lost(TICKETS - found.size())
        .write();
    assertThat(Stream.concat(completed.stream(), failed.stream()))
        .as("each id once, in one of the topics")
        .containsExactlyInAnyOrderElementsOf(ids(tickets));
    assertThat(failed).hasSize(TICKETS / 20);
    assertThat(topics.stats())
        .extracting(stats -> stats.get("id").asText())
        .containsExactlyInAnyOrderElementsOf(completed);
    assertThat(matches(tickets, completions)).isGreaterThan(0.97);
  }

  @Test
  void shouldRefuseTransactionTimeoutAboveTheBrokers() {
    JobTopics topics = new JobTopics(BROKER, "patient");

    assertThatThrownBy(() -> BrokerLimits.check(topics.options("--transaction-timeout", "1h")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("transaction.timeout.ms = 3600000")
        .hasMessageContaining("transaction.max.timeout.ms = 900000");
  }

  @Test
  void shouldRefuseMessagesLargerThanTheirTopicTakes() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "large", 1);

    assertThatThrownBy(
            () ->
                BrokerLimits.check(topics.options("--kafka-property", "max.request.size=2000000")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("max.request.size = 2000000")
        .hasMessageContaining("max.message.bytes = 1048588 of the topic large-completions");
  }

  @Test
  void shouldCheckTheOtherTopicsWhereOneIsMissing() throws Exception {
    JobTopics topics = new JobTopics(BROKER, "partial");
    BROKER.createTopics(1, topics.statsTopic());

    assertThatThrownBy(
            () ->
                BrokerLimits.check(topics.options("--kafka-property", "max.request.size=2000000")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of the topic partial-stats");
  }

  @Test
  void shouldAllowTheDefaults() throws Exception {
    BrokerLimits.check(JobTopics.create(BROKER, "default", 1).options());
  }

  private static double matches(List<JsonNode> tickets, List<JsonNode> completions) {
    Map<String, String> expected =
        tickets.stream()
            .collect(
                Collectors.toMap(t -> t.get("id").asText(), t -> t.get("expectedJson").asText()));
    long equal =
        completions.stream()
            .filter(c -> c.get("completion").asText().equals(expected.get(c.get("id").asText())))
            .count();
    return (double) equal / completions.size();
  }

  private static List<String> ids(List<JsonNode> tickets) {
    return tickets.stream().map(ticket -> ticket.get("id").asText()).toList();
  }

  private static String request(JsonNode ticket) {
    return "{\"id\":%s,\"message\":%s}".formatted(ticket.get("id"), ticket.get("message"));
  }

  private static ProducerRecord<byte[], byte[]> record(
      JobTopics topics, JsonNode ticket, String value) {
    return new ProducerRecord<>(
        topics.requests(), ticket.get("id").asText().getBytes(UTF_8), value.getBytes(UTF_8));
  }
}
