package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A job whose records wait longer than any of them may run. */
class TimeLimitITCase {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int RECORDS = 2500;

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldCompleteWhatHasWaitedForLongerThanTheLimit() throws Exception {
    Configuration options =
        Tickets.options() // one at a time
            .set(ExecuTorchOptions.TIME_LIMIT, LIMIT)
            .set(ExecuTorchOptions.CAPACITY, RECORDS);
    List<RecordOrigin> records = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      String own = i == 0 ? ",\"options\":{\"ignore_eos\":true}" : ""; // a slow one
      String json = "{\"id\":\"%d\",\"message\":\"Kettle %d broke.\"%s}".formatted(i, i, own);
      records.add(Tickets.record(i, json));
      ids.add(Integer.toString(i));
    }
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    InferenceStreams out = Tickets.inference(env, options, records);
    var completed = out.completions().collectAsync();
    var reported = out.stats().collectAsync();
    var failed = out.failures().collectAsync();
    env.execute();
    List<String> answered = Pictures.all(completed).stream().map(Completion::id).toList();
    List<String> refused = Pictures.all(failed).stream().map(Failure::id).toList();

    long longest = Pictures.all(reported).stream().mapToLong(StatsReport::queueMs).max().orElse(0);
    assertThat(longest)
        .as("how long the last one waited, in ms: more records if this machine is too fast")
        .isGreaterThan(LIMIT.toMillis());
    FaultReport.row(32, "TimeLimitITCase#shouldCompleteWhatHasWaitedForLongerThanTheLimit")
        .records(ids, answered, refused)
        .write();
    assertThat(answered).containsExactlyElementsOf(ids);
    assertThat(refused).isEmpty();
  }
}
