package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The sample model, as a standard and as a batched program, and its held-out support tickets. */
final class Tickets {
  static final Path FOLDER = Path.of("..", "sample-data", "tickets").toAbsolutePath().normalize();
  static final Path MODEL = FOLDER.resolve("model.pte");
  static final Path BATCHED_MODEL = FOLDER.resolve("model-batched.pte");
  static final Path TOKENIZER = FOLDER.resolve("tokenizer.json");

  private Tickets() {}

  /** Options that run the sample model on this machine. */
  static Configuration options() {
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.MODEL_PATH, MODEL.toString());
    options.set(ExecuTorchOptions.TOKENIZER_PATH, TOKENIZER.toString());
    options.set(ExecuTorchOptions.PROMPT_TEMPLATE, read(FOLDER.resolve("prompt-template.txt")));
    return options;
  }

  /** Options that run the batched one. */
  static Configuration batchedOptions() {
    return options().set(ExecuTorchOptions.MODEL_PATH, BATCHED_MODEL.toString());
  }

  /** The first tickets as they would come from a topic. */
  static List<RecordOrigin> records(int count) {
    List<RecordOrigin> records = new ArrayList<>();
    for (JsonNode ticket : tickets(count)) {
      records.add(record(records.size(), ticket.toString()));
    }
    return records;
  }

  /** What customers wrote in the first tickets, by id. */
  static Map<String, String> messages(int count) {
    Map<String, String> messages = new LinkedHashMap<>();
    for (JsonNode ticket : tickets(count)) {
      messages.put(ticket.get("id").asText(), ticket.get("message").asText());
    }
    return messages;
  }

  static RecordOrigin record(long offset, String json) {
    return new RecordOrigin("tickets", 0, offset, 0, null, json.getBytes(UTF_8), null);
  }

  /** What a perfect model answers to the first tickets, by id. */
  static Map<String, String> expectedJson(int count) {
    Map<String, String> expected = new HashMap<>();
    for (JsonNode ticket : tickets(count)) {
      expected.put(ticket.get("id").asText(), ticket.get("expectedJson").asText());
    }
    return expected;
  }

  /** The whole path: source records, parser, model. */
  static InferenceStreams inference(
      StreamExecutionEnvironment env, Configuration options, List<RecordOrigin> records) {
    return inference(env.fromData(records, TypeInformation.of(RecordOrigin.class)), options);
  }

  /** The same from records on. */
  static InferenceStreams inference(DataStream<RecordOrigin> records, Configuration options) {
    return LlmInference.builder()
        .options(options)
        .build()
        .apply(records.process(new RequestParser(options)));
  }

  private static List<JsonNode> tickets(int count) {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> tickets = new ArrayList<>();
    for (String line : read(FOLDER.resolve("tickets.jsonl")).split("\n", count + 1)) {
      if (tickets.size() < count) {
        try {
          tickets.add(json.readTree(line));
        } catch (JsonProcessingException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return tickets;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
