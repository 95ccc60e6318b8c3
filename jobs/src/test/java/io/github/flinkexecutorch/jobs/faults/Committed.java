package io.github.flinkexecutorch.jobs.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.FaultReport;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.demo.Topic;
import java.time.Duration;
import java.util.BitSet;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What a job has committed so far of {@link Tickets}, by which tests are gated. Keeps no record, so
 * that there may be any number.
 */
final class Committed implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Properties client;
  private final Consumer<byte[], byte[]> consumer;
  private final String completionsTopic;
  private final BitSet seen = new BitSet();
  private int completions;
  private int deadLetters;

  Committed(JobTopics topics) {
    client = topics.broker().clientProperties();
    completionsTopic = topics.completionsTopic();
    consumer = Topic.followCommitted(client, completionsTopic, topics.deadLettersTopic());
  }

  /** Waits until there are so many completions and dead letters. */
  void await(int expected) {
    assertThat(reaches(expected)).as("%d of %d results", results(), expected).isTrue();
  }

  /** Waits until there are so many; false if no more have come for long. */
  boolean reaches(int expected) {
    long lastNew = System.nanoTime();
    while (results() < expected) {
      if (poll()) {
        lastNew = System.nanoTime();
      } else if (System.nanoTime() - lastNew > LIMIT.toNanos()) {
        return false;
      }
    }
    return true;
  }

  /** Reads all that is committed by now: of a job that has ended, all that it ever will. */
  void catchUp() {
    Topic.awaitDecided(client);
    var ends = consumer.endOffsets(consumer.assignment());
    while (ends.keySet().stream().anyMatch(p -> before(p, ends.get(p)))) {
      poll();
    }
  }

  /** How many there are by now, as far as the broker has said so. */
  int count() {
    poll();
    return results();
  }

  /** Writes the figures of a row once the job has ended, and requires one result of each ticket. */
  void requireEachOnce(int sent, int row, String test) throws Exception {
    catchUp();
    int lost = sent - seen.cardinality();
    int duplicates = results() - seen.cardinality();
    FaultReport.row(row, test)
        .in(sent)
        .completions(completions)
        .deadLetters(deadLetters)
        .duplicates(duplicates)
        .lost(lost)
        .write();
    assertThat(lost).as("lost").isZero();
    assertThat(duplicates).as("duplicates").isZero();
  }

  @Override
  public void close() {
    consumer.close();
  }

  private boolean before(TopicPartition partition, long end) {
    return consumer.position(partition) < end;
  }

  private int results() {
    return completions + deadLetters;
  }

  private boolean poll() {
    int before = results();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      seen.set(Tickets.number(new String(record.key(), UTF_8)));
      if (record.topic().equals(completionsTopic)) {
        completions++;
      } else {
        deadLetters++;
      }
    }
    return results() > before;
  }
}
