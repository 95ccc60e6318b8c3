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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clock of Flink's machines is set while a job runs; that of the broker stays right. */
@Tag("full")
class ClockJumpITCase {
  private static final int RECORDS = 1500;
  private static final Duration JUMP = Duration.ofHours(1);

  @TempDir private static Path folder;

  @Test
  void shouldAnswerEachRecordOnceWhenTheClockJumpsForwardAndBack() throws Exception {
    SettableClock clock = SettableClock.in(folder);
    try (Topology topology =
            Topology.start(
                folder, ProcessSetup.PLAIN, ProcessSetup.environment(clock.environment()));
        RunningJob job = new RunningJob(topology, "clock")) {
      job.tickets().sendUpTo(RECORDS / 3);
      job.committed().await(RECORDS / 6);
      clock.set(JUMP);
      job.tickets().sendUpTo(2 * RECORDS / 3);
      job.committed().await(RECORDS / 2);
      clock.set(JUMP.negated());
      job.tickets().sendUpTo(RECORDS);

      Results results = job.finish();

      results.requireEachOnce(
          job.tickets().ids(),
          51,
          "ClockJumpITCase#shouldAnswerEachRecordOnceWhenTheClockJumpsForwardAndBack");
      Instant now = Instant.now();
      assertThat(timesOfDeadLetters(job.topics()))
          .as("the clock was set")
          .anyMatch(time -> time.isAfter(now))
          .anyMatch(time -> time.isBefore(now.minus(JUMP.dividedBy(2))));
    }
  }

  private static List<Instant> timesOfDeadLetters(JobTopics topics) {
    return Topic.readCommitted(topics.broker().clientProperties(), topics.deadLettersTopic())
        .stream()
        .map(letter -> letter.headers().lastHeader(DeadLetterHeaders.PREFIX + "time"))
        .map(time -> Instant.parse(new String(time.value(), UTF_8)))
        .toList();
  }
}
