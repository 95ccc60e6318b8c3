package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The job on processes that are killed with no time to clean up: so long after so many results are
 * committed, both at random by a seed. {@code -Dfaults.seed=8} tries other moments.
 */
class KilledProcessesITCase {
  private static final long SEED = Long.getLong("faults.seed", 7);
  private static final int RECORDS = 5000;
  private static final int PORTION = 500;

  /** More than the job completes between two checkpoints. */
  private static final int BACKLOG = 2500;

  private static final int RECORDS_WITHOUT_BROKER = 3000;
  private static final int MANY_KILLS = 20;
  private static final int PORTION_OF_MANY = 300;
  private static final int BURST = 10_000;

  /** What is killed. */
  private enum Victim {
    FIRST_TASK_MANAGER,
    SECOND_TASK_MANAGER,
    JOB_MANAGER
  }

  @TempDir private static Path folder;

  private static Topology topology;

  @BeforeAll
  static void start() throws Exception {
    topology = Topology.start(folder);
  }

  @AfterAll
  static void stop() {
    if (topology != null) {
      topology.close();
    }
  }

  @Test
  void shouldWriteTheSameBytesOnceWhenProcessesAreKilled() throws Exception {
    Random random = new Random(SEED);
    List<Victim> victims = new ArrayList<>(List.of(Victim.values()));
    Collections.shuffle(victims, random);
    String test = "KilledProcessesITCase#shouldWriteTheSameBytesOnceWhenProcessesAreKilled";

    Results results;
    int sent;
    try (RunningJob job = new RunningJob(topology, "killed")) {
      killWhileItRuns(job, victims, PORTION, random);
      job.tickets().sendUpTo(RECORDS);
      results = job.finish();
      sent = job.tickets().sent();

      results.requireEachOnce(job.tickets().ids(), 34, test);
      results.requireEachOnce(job.tickets().ids(), 35, test);
    }
    try (RunningJob job = new RunningJob(topology, "undisturbed")) {
      job.tickets().sendUpTo(sent);
      assertThat(results.values()).as("seed %d", SEED).isEqualTo(job.finish().values());
    }
  }

  @Tag("full")
  @Test
  void shouldGoOnWhenTheBrokerIsKilledAndComesBack() throws Exception {
    goOnWithoutBroker(2, "KilledProcessesITCase#shouldGoOnWhenTheBrokerIsKilledAndComesBack");
  }

  @Tag("full")
  @ParameterizedTest
  @ValueSource(ints = {30, 60})
  void shouldGoOnWhenTheBrokerIsAwayForLong(int seconds) throws Exception {
    goOnWithoutBroker(
        seconds, "KilledProcessesITCase#shouldGoOnWhenTheBrokerIsAwayForLong-" + seconds);
  }

  @Tag("full")
  @Test
  void shouldLoseNothingWhenTaskManagersAreKilledTwentyTimes() throws Exception {
    Random random = new Random(SEED);
    List<Victim> victims = new ArrayList<>();
    for (int i = 0; i < MANY_KILLS; i++) {
      victims.add(random.nextBoolean() ? Victim.FIRST_TASK_MANAGER : Victim.SECOND_TASK_MANAGER);
    }
    try (RunningJob job = new RunningJob(topology, "many-kills")) {
      killWhileItRuns(job, victims, PORTION_OF_MANY, random);

      job.finish()
          .requireEachOnce(
              job.tickets().ids(),
              34,
              "KilledProcessesITCase#shouldLoseNothingWhenTaskManagersAreKilledTwentyTimes");
    }
  }

  /** A burst of records is work that waits in the topic; one kill in the middle of it. */
  @Tag("full")
  @Test
  void shouldWorkOffTenThousandRecordsThatComeAtOnce() throws Exception {
    try (RunningJob job = new RunningJob(topology, "burst")) {
      job.tickets().sendUpTo(BURST);
      job.committed().await(BURST / 4);
      job.awaitAnyMoment(new Random(SEED));
      job.killTaskManager(0);

      job.finish()
          .requireEachOnce(
              job.tickets().ids(),
              34,
              "KilledProcessesITCase#shouldWorkOffTenThousandRecordsThatComeAtOnce");
    }
  }

  /**
   * Kills one after the other, each at any moment after a random one of the next results, while it
   * is busy.
   */
  private static void killWhileItRuns(
      RunningJob job, List<Victim> victims, int portion, Random random) throws Exception {
    for (Victim victim : victims) {
      job.committed().catchUp();
      int results = job.committed().count() + 1 + random.nextInt(portion);
      job.tickets().sendUpTo(results + BACKLOG);
      job.committed().await(results);
      job.awaitAnyMoment(random);
      switch (victim) {
        case FIRST_TASK_MANAGER -> job.killTaskManager(0);
        case SECOND_TASK_MANAGER -> job.killTaskManager(1);
        case JOB_MANAGER -> job.killJobManager();
      }
    }
  }

  private static void goOnWithoutBroker(int seconds, String test) throws Exception {
    try (RunningJob job = new RunningJob(topology, "without-broker-" + seconds)) {
      job.tickets().sendUpTo(RECORDS_WITHOUT_BROKER / 3);
      job.committed().await(RECORDS_WITHOUT_BROKER / 6);
      job.tickets().sendUpTo(RECORDS_WITHOUT_BROKER);
      job.awaitAnyMoment(new Random(SEED));
      job.killBroker(seconds);

      job.finish().requireEachOnce(job.tickets().ids(), 36, test);
    }
  }
}
