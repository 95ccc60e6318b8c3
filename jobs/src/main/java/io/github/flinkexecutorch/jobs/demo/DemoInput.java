package io.github.flinkexecutorch.jobs.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What the demo puts into the requests topic: held-out tickets, and among them five bad records.
 */
record DemoInput(List<Ticket> tickets, List<BadRecord> badRecords) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A customer's message with the JSON that a person would write for it. */
  record Ticket(String id, String message, String expectedJson) {}

  /** A record that has to end as a dead letter. */
  record BadRecord(String id, String value) {}

  /** The first {@code limit} tickets of a file with one JSON ticket a line. */
  static DemoInput read(Path file, int limit) throws IOException {
    List<Ticket> tickets = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (tickets.size() == limit) {
        break;
      }
      JsonNode ticket = JSON.readTree(line);
      tickets.add(
          new Ticket(
              ticket.required("id").asText(),
              ticket.required("message").asText(),
              ticket.required("expectedJson").asText()));
    }
    return new DemoInput(tickets, fiveBadRecords());
  }

  /** Every ticket so many times, each time under an id of its own; the bad records as they are. */
  DemoInput repeated(int times) {
    List<Ticket> copies = new ArrayList<>();
    for (int copy = 1; copy <= times; copy++) {
      for (Ticket ticket : tickets) {
        copies.add(new Ticket(ticket.id() + "-" + copy, ticket.message(), ticket.expectedJson()));
      }
    }
    return new DemoInput(copies, badRecords);
  }

  int records() {
    return tickets.size() + badRecords.size();
  }

  /** All records for a topic, the bad ones spread among the good ones. */
  List<ProducerRecord<byte[], byte[]>> toProduce(String topic) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (Ticket ticket : tickets) {
      records.add(record(topic, ticket.id(), request(ticket.id(), ticket.message())));
    }
    for (int i = 0; i < badRecords.size(); i++) {
      BadRecord bad = badRecords.get(i);
      records.add(i * records.size() / badRecords.size(), record(topic, bad.id(), bad.value()));
    }
    return records;
  }

  private static List<BadRecord> fiveBadRecords() {
    return List.of(
        new BadRecord("B-1", "Hello, this is not JSON"),
        new BadRecord("B-2", "{\"id\":\"B-2\",\"text\":\"The field has another name.\"}"),
        new BadRecord("B-3", request("B-3", "")),
        new BadRecord(
            "B-4", "{\"id\":\"B-4\",\"message\":\"Too cold.\",\"options\":{\"temperature\":-1}}"),
        new BadRecord("B-5", request("B-5", "My parcel is lost. ".repeat(2_000))));
  }

  private static String request(String id, String message) {
    return JSON.createObjectNode().put("id", id).put("message", message).toString();
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, String key, String value) {
    return new ProducerRecord<>(topic, key.getBytes(UTF_8), value.getBytes(UTF_8));
  }
}
