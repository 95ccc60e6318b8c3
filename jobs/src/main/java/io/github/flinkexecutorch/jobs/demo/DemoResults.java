package io.github.flinkexecutorch.jobs.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * What a job has left in its three topics.
 *
 * @param completions committed records of the completions topic, with doubles where there are any
 * @param stats committed records of the stats topic
 * @param deadLetters committed records of the dead-letters topic
 */
record DemoResults(List<JsonNode> completions, List<JsonNode> stats, List<JsonNode> deadLetters) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static DemoResults read(Properties client, String completions, String stats, String deadLetters)
      throws IOException {
    List<JsonNode> letters = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> letter : Topic.readCommitted(client, deadLetters)) {
      letters.add(describe(letter));
    }
    return new DemoResults(parse(client, completions), parse(client, stats), letters);
  }

  /** Text of each completion by id, in the order of the ids. */
  Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>();
    for (JsonNode completion : completions) {
      texts.put(completion.required("id").asText(), completion.required("completion").asText());
    }
    return texts;
  }

  DemoReport report(
      DemoInput input, int parallelism, Duration duration, double flowingRecordsPerSecond) {
    Map<String, String> texts = texts();
    long matches =
        input.tickets().stream()
            .filter(ticket -> ticket.expectedJson().equals(texts.get(ticket.id())))
            .count();
    double seconds = duration.toMillis() / 1000.0;
    long generated = sum("generated_tokens");
    long[] ttft =
        stats.stream()
            .mapToLong(report -> report.required("time_to_first_token_ms").asLong())
            .sorted()
            .toArray();
    return new DemoReport(
        input.records(),
        completions.size(),
        deadLetters.size(),
        (double) matches / input.tickets().size(),
        parallelism,
        seconds,
        (completions.size() + deadLetters.size()) / seconds,
        flowingRecordsPerSecond,
        generated / seconds,
        generated,
        sum("prompt_tokens"),
        percentile(ttft, 50),
        percentile(ttft, 95),
        completions.isEmpty() ? null : completions.get(0).required("model_digest").asText());
  }

  private long sum(String field) {
    return stats.stream().mapToLong(report -> report.required(field).asLong()).sum();
  }

  /** Smallest value that at least {@code percent} per cent of the values do not exceed. */
  private static long percentile(long[] sorted, int percent) {
    return sorted.length == 0 ? 0 : sorted[(sorted.length * percent + 99) / 100 - 1];
  }

  private static List<JsonNode> parse(Properties client, String topic) throws IOException {
    List<JsonNode> values = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : Topic.readCommitted(client, topic)) {
      values.add(JSON.readTree(record.value()));
    }
    return values;
  }

  private static JsonNode describe(ConsumerRecord<byte[], byte[]> letter) {
    ObjectNode description = JSON.createObjectNode();
    description.put("key", new String(letter.key(), UTF_8));
    for (Header header : letter.headers()) {
      description.put(header.key(), new String(header.value(), UTF_8));
    }
    return description.put("value", new String(letter.value(), UTF_8));
  }
}
