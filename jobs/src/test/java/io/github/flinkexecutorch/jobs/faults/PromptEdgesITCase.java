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
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Prompts and completions at the edge of what a model can take, from Kafka to Kafka. */
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

  /** Nothing but a limit ends these. */
  @Test
  void shouldEndAtTheTokenLimitOrWithTheContextWhenNoTokenIsTheLast() throws Exception {
    Results results =
        completeValues(
            List.of(
                "{\"message\":\"It broke.\",\"options\":{\"ignore_eos\":true,\"max_new_tokens\":40}}",
                "{\"message\":\"It broke.\",\"options\":{\"ignore_eos\":true}}"),
            10,
            "shouldEndAtTheTokenLimitOrWithTheContextWhenNoTokenIsTheLast");

    JsonNode limited = JSON.readTree(results.values().get(Tickets.id(0)));
    JsonNode whole = JSON.readTree(results.values().get(Tickets.id(1)));
    assertThat(limited.get("finish_reason").asText()).isEqualTo("length");
    assertThat(limited.get("generated_tokens").asInt()).isEqualTo(40);
    assertThat(whole.get("finish_reason").asText()).isEqualTo("length");
    assertThat(whole.get("prompt_tokens").asInt() + whole.get("generated_tokens").asInt())
        .isEqualTo(CONTEXT);
  }

  /** Two characters of four tokens each, cut behind each token. */
  @Test
  void shouldCompleteWithAMarkWhereTheLimitCutsACharacter() throws Exception {
    List<String> values =
        IntStream.range(1, 8)
            .mapToObj(
                tokens ->
                    """
                    {"message":"Hello","options":{"regex":"\\ud83d\\udc4b\\ud83d\\udc4b","max_new_tokens":%d}}"""
                        .formatted(tokens))
            .toList();

    Results results =
        completeValues(
            values,
            11,
            "shouldCompleteWithAMarkWhereTheLimitCutsACharacter",
            "--option",
            "executorch.request.allow-grammars=true");

    for (int tokens = 1; tokens < 8; tokens++) {
      JsonNode completion = JSON.readTree(results.values().get(Tickets.id(tokens - 1)));
      String whole = tokens < 4 ? "" : "\ud83d\udc4b";
      assertThat(completion.get("completion").asText())
          .isEqualTo(tokens % 4 == 0 ? whole : whole + "\ufffd");
      assertThat(completion.get("finish_reason").asText()).isEqualTo("length");
    }
  }

  private static Results complete(List<String> messages, int row, String test) throws Exception {
    return completeValues(
        messages.stream().map("{\"message\":\"%s\"}"::formatted).toList(), row, test);
  }

  private static Results completeValues(
      List<String> values, int row, String test, String... options) throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "row-" + row, 2);
    Tickets tickets = new Tickets(topics);
    tickets.send(values);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    StreamEnrichmentJob.define(
        env,
        StreamEnrichmentOptions.parse(
            Stream.concat(
                    topics.batchedArguments("--parallelism", "2").stream(), Stream.of(options))
                .toArray(String[]::new)));
    env.execute();
    Results results = Results.of(topics);
    results.requireEachOnce(tickets.ids(), row, "PromptEdgesITCase#" + test);
    return results;
  }
}
