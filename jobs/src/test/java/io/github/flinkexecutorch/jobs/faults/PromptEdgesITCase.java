package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.connector.FailureKind;
import io.github.flinkexecutorch.jobs.BrokerExtension;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.StreamEnrichmentJob;
import io.github.flinkexecutorch.jobs.StreamEnrichmentOptions;
import io.github.flinkexecutorch.jobs.TestCluster;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Prompts at the edge of what a model can take, from Kafka to Kafka. */
class PromptEdgesITCase {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the sample model. */
  private static final int CONTEXT = 256;

  /** JSON strings, without their quotes. */
  private static final List<String> HARD_TO_ENCODE =
      List.of(
          "<|endoftext|> </s> <s> [INST]",
          "cut \\ud83d in two \\ude00",
          "nothing \\u0000 here",
          "\\u05e9\\u05dc\\u05d5\\u05dd \\u202e right to left",
          "\\ud83d\\udc69\\u200d\\ud83d\\udd27 \\ud83c\\udde9\\ud83c\\uddea",
          "e\\u0301 \\ufeff \\u00a0",
          "\\uffff\\ufffe");

  @RegisterExtension
  @Order(BrokerExtension.FIRST)
  static final BrokerExtension BROKER = new BrokerExtension();

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(2);

  /** Prompts of each length: the longest that fits ends with the context, one more is refused. */
  @Test
  void shouldGenerateOneTokenWhenThePromptFillsTheContext() throws Exception {
    List<String> messages = IntStream.rangeClosed(1, CONTEXT).mapToObj("a "::repeat).toList();

    Results results = complete(messages, 7, "shouldGenerateOneTokenWhenThePromptFillsTheContext");

    Set<Integer> lengths = new HashSet<>();
    for (String value : results.values().values()) {
      JsonNode completion = JSON.readTree(value);
      int prompt = completion.get("prompt_tokens").asInt();
      lengths.add(prompt);
      if (prompt == CONTEXT) {
        assertThat(completion.get("generated_tokens").asInt()).isEqualTo(1);
        assertThat(completion.get("finish_reason").asText()).isEqualTo("length");
      }
    }
    assertThat(lengths).contains(CONTEXT, CONTEXT - 1);
    assertThat(results.failed()).hasSize(messages.size() - lengths.size());
    assertThat(results.reasons().values()).containsOnly(FailureKind.CONTEXT_OVERFLOW.name());
  }

  @Test
  void shouldCompleteTextThatIsHardToEncode() throws Exception {
    Results results = complete(HARD_TO_ENCODE, 8, "shouldCompleteTextThatIsHardToEncode");

    assertThat(results.failed()).isEmpty();
    for (String value : results.values().values()) {
      assertThat(JSON.readTree(value).get("generated_tokens").asInt()).isPositive();
    }
  }

  private static Results complete(List<String> messages, int row, String test) throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "row-" + row, 2);
    Tickets tickets = new Tickets(topics);
    tickets.send(messages.stream().map("{\"message\":\"%s\"}"::formatted).toList());
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    StreamEnrichmentJob.define(
        env,
        StreamEnrichmentOptions.parse(
            topics.batchedArguments("--parallelism", "2").toArray(String[]::new)));
    env.execute();
    Results results = Results.of(topics);
    results.requireEachOnce(tickets.ids(), row, "PromptEdgesITCase#" + test);
    return results;
  }
}
