package io.github.flinkexecutorch.jobs.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.jobs.JobTopics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Records 0, 1, ... of a topic, as many as a test wants: the sample tickets again and again, each
 * time under other ids, and at every fiftieth place something that is no JSON. Their keys are their
 * ids.
 */
final class Tickets {
  private static final int BAD_EVERY = 50;
  private static final String PREFIX = "ticket-";

  private final JobTopics topics;
  private final List<JsonNode> samples;
  private int sent;

  Tickets(JobTopics topics) throws IOException {
    this.topics = topics;
    this.samples = JobTopics.tickets(Integer.MAX_VALUE);
  }

  /** Sends what is missing of the first {@code end} records, to partitions by their keys. */
  void sendUpTo(int end) throws Exception {
    sendUpTo(end, null);
  }

  /** Likewise to one partition. */
  void sendUpTo(int end, Integer partition) throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = sent; i < end; i++) {
      records.add(record(i, partition));
    }
    topics.broker().produce(records);
    sent = Math.max(sent, end);
  }

  /** Sends values that are no tickets in the places of the next ones, under their ids. */
  void send(List<String> values) throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (String value : values) {
      records.add(record(sent++, null, value));
    }
    topics.broker().produce(records);
  }

  /** The value of a ticket whose generation goes on to the end of the model's context. */
  String endless(int number) {
    return """
        {"message":%s,"options":{"ignore_eos":true,"max_new_tokens":255}}"""
        .formatted(message(number));
  }

  /** The value of a ticket. */
  String good(int number) {
    return "{\"id\":\"%s\",\"message\":%s}".formatted(id(number), message(number));
  }

  int sent() {
    return sent;
  }

  /** Ids of all that were sent. */
  List<String> ids() {
    return IntStream.range(0, sent).mapToObj(Tickets::id).toList();
  }

  static String id(int number) {
    return PREFIX + number;
  }

  /** The number of an id. */
  static int number(String id) {
    return Integer.parseInt(id.substring(PREFIX.length()));
  }

  private static boolean bad(int number) {
    return number % BAD_EVERY == BAD_EVERY - 1;
  }

  private ProducerRecord<byte[], byte[]> record(int number, Integer partition) {
    String value = bad(number) ? "no JSON" : good(number);
    return record(number, partition, value);
  }

  private JsonNode message(int number) {
    return samples.get(number % samples.size()).get("message");
  }

  private ProducerRecord<byte[], byte[]> record(int number, Integer partition, String value) {
    return new ProducerRecord<>(
        topics.requests(), partition, id(number).getBytes(UTF_8), value.getBytes(UTF_8));
  }
}
