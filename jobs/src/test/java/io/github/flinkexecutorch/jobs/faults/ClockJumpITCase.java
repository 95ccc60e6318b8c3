package io.github.flinkexecutorch.jobs.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.jobs.DeadLetterHeaders;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.demo.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clock of some machines is set while a job runs; that of the others stays right. */
@Tag("full")
class ClockJumpITCase {
  private static final int RECORDS = 1500;
  private static final Duration JUMP = Duration.ofHours(1);

  /** Shorter than a transaction may be open. */
  private static final Duration JUMP_OF_BROKER = Duration.ofMinutes(5);

  @TempDir private Path folder;

  @Test
  void shouldAnswerEachRecordOnceWhenTheClockJumpsForwardAndBack() throws Exception {
    SettableClock clock = SettableClock.in(folder);
    ProcessSetup setup = ProcessSetup.environment(clock.environment());
    try (Topology topology = Topology.start(folder, ProcessSetup.PLAIN, setup);
        RunningJob job = new RunningJob(topology, "clock")) {
      completeWhileItJumps(job, clock, JUMP)
          .requireEachOnce(
              job.tickets().ids(),
              51,
              "ClockJumpITCase#shouldAnswerEachRecordOnceWhenTheClockJumpsForwardAndBack");
      requireJumps(JUMP, timesOfDeadLetters(job.topics()));
    }
  }

  @Test
  void shouldAnswerEachRecordOnceWhenTheBrokersClockJumpsForwardAndBack() throws Exception {
    SettableClock clock = SettableClock.in(folder);
    ProcessSetup setup = ProcessSetup.environment(clock.environment());
    try (Topology topology = Topology.start(folder, setup, ProcessSetup.PLAIN);
        RunningJob job = new RunningJob(topology, "clock-of-broker")) {
      letTheBrokerSayWhen(job.topics());
      completeWhileItJumps(job, clock, JUMP_OF_BROKER)
          .requireEachOnce(
              job.tickets().ids(),
              51,
              "ClockJumpITCase#shouldAnswerEachRecordOnceWhenTheBrokersClockJumpsForwardAndBack");
      requireJumps(JUMP_OF_BROKER, timesOfCompletions(job.topics()));
    }
  }

  private static Results completeWhileItJumps(RunningJob job, SettableClock clock, Duration jump)
      throws Exception {
    job.tickets().sendUpTo(RECORDS / 3);
    job.committed().await(RECORDS / 6);
    clock.set(jump);
    job.tickets().sendUpTo(2 * RECORDS / 3);
    job.committed().await(RECORDS / 2);
    clock.set(jump.negated());
    job.tickets().sendUpTo(RECORDS);
    return job.finish();
  }

  private static void requireJumps(Duration jump, List<Instant> times) {
    Instant now = Instant.now();
    assertThat(times)
        .as("the clock was set")
        .anyMatch(time -> time.isAfter(now))
        .anyMatch(time -> time.isBefore(now.minus(jump.dividedBy(2))));
  }

  /** Stamps completions by the broker's clock rather than with the time of their requests. */
  private static void letTheBrokerSayWhen(JobTopics topics) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, topics.completionsTopic());
    AlterConfigOp stamp =
        new AlterConfigOp(
            new ConfigEntry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"),
            AlterConfigOp.OpType.SET);
    try (Admin admin = Admin.create(topics.broker().clientProperties())) {
      admin.incrementalAlterConfigs(Map.of(topic, List.of(stamp))).all().get();
    }
  }

  private static List<Instant> timesOfCompletions(JobTopics topics) {
    return Topic.readCommitted(topics.broker().clientProperties(), topics.completionsTopic())
        .stream()
        .map(completion -> Instant.ofEpochMilli(completion.timestamp()))
        .toList();
  }

  private static List<Instant> timesOfDeadLetters(JobTopics topics) {
    return Topic.readCommitted(topics.broker().clientProperties(), topics.deadLettersTopic())
        .stream()
        .map(letter -> letter.headers().lastHeader(DeadLetterHeaders.PREFIX + "time"))
        .map(time -> Instant.parse(new String(time.value(), UTF_8)))
        .toList();
  }
}
