package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Much of what may be wrong at once, on processes: records that are meant to make the job fail,
 * generations as long as the model can, memory for hardly one of them, checkpoints and a savepoint
 * in their middle, and a consumer that stops reading.
 */
@Tag("full")
class HostileProcessesITCase {
  private static final String TEST = "HostileProcessesITCase#shouldAnswerEachRecordOnce";
  private static final List<Integer> ROWS = List.of(1, 6, 39, 40, 44);

  /** Far more than are completed until the job has been stopped. */
  private static final int RECORDS = 8000;

  private static final int POISON_EVERY = 3;
  private static final int MEGABYTE_EVERY = 600;
  private static final int ENDLESS_EVERY = 2;
  private static final int CHECKPOINTS = 3;

  @TempDir private static Path folder;

  private final Map<String, String> reasons = new HashMap<>();

  @Test
  void shouldAnswerEachRecordOnce() throws Exception {
    try (Topology topology = Topology.start(folder);
        RunningJob job =
            new RunningJob(
                topology, "hostile", "--option", "executorch.engine.kv-cache-size=512kb");
        PausingConsumer consumer = new PausingConsumer(job.topics())) {
      job.tickets().send(values(job.tickets()));
      assertThat(consumer.readUpTo(1)).isNotEmpty();
      job.awaitCheckpoints(CHECKPOINTS);
      job.drainAndGoOn();
      Results results = job.finish();

      for (int row : ROWS) {
        results.requireEachOnce(job.tickets().ids(), row, TEST);
      }
      assertThat(results.reasons()).isEqualTo(reasons);
      assertThat(consumer.readUpTo(results.completed().size()))
          .as("read by a consumer that paused")
          .containsExactlyInAnyOrderElementsOf(results.completed());
    }
  }

  /** Poison between tickets, some of which have no end. */
  private List<String> values(Tickets tickets) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      if (i % POISON_EVERY == 0) {
        Poison poison = i % MEGABYTE_EVERY == 0 ? Poison.MEGABYTE : Poison.small(i / POISON_EVERY);
        reasons.put(Tickets.id(i), poison.reason().name());
        values.add(poison.value());
      } else {
        values.add(i % ENDLESS_EVERY == 0 ? tickets.endless(i) : tickets.good(i));
      }
    }
    return values;
  }
}
