package io.github.flinkexecutorch.jobs.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.FaultReport;
import io.github.flinkexecutorch.jobs.DeadLetterHeaders;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.demo.Topic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a job has made of its records, as consumers at read_committed see it.
 *
 * @param completed keys of the completions, in their order
 * @param failed keys of the dead letters
 * @param values the values of the completions, by key
 * @param reasons the reasons of the dead letters, by key
 */
record Results(
    List<String> completed,
    List<String> failed,
    Map<String, String> values,
    Map<String, String> reasons) {

  static Results of(JobTopics topics) {
    Properties client = topics.broker().clientProperties();
    List<String> completed = new ArrayList<>();
    Map<String, String> values = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record :
        Topic.readCommitted(client, topics.completionsTopic())) {
      completed.add(key(record));
      values.put(key(record), new String(record.value(), UTF_8));
    }
    List<String> failed = new ArrayList<>();
    Map<String, String> reasons = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record :
        Topic.readCommitted(client, topics.deadLettersTopic())) {
      failed.add(key(record));
      byte[] reason = record.headers().lastHeader(DeadLetterHeaders.PREFIX + "reason").value();
      reasons.put(key(record), new String(reason, UTF_8));
    }
    return new Results(completed, failed, values, reasons);
  }

  /** Writes the figures of a row, and requires that each id has one completion or dead letter. */
  void requireEachOnce(List<String> ids, int row, String test) throws IOException {
    FaultReport.row(row, test).records(ids, completed, failed).write();
    requireEachOnce(ids);
  }

  /** Requires that each id has one completion or dead letter. */
  void requireEachOnce(List<String> ids) {
    List<String> all = new ArrayList<>(completed);
    all.addAll(failed);
    assertThat(all).as("each record once").containsExactlyInAnyOrderElementsOf(ids);
  }

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), UTF_8);
  }
}
