package io.github.flinkexecutorch.jobs.faults;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job on processes with high availability, as docs/faults.md says to set it. */
@Tag("full")
class HighAvailabilityITCase {
  private static final long SEED = Long.getLong("faults.seed", 7);
  private static final int RECORDS = 4000;

  @TempDir private Path folder;

  @Test
  void shouldGoOnByItselfWhenTheJobManagerIsKilled() throws Exception {
    try (ZooKeeperProcess zooKeeper = ZooKeeperProcess.start(folder.resolve("zookeeper"));
        Topology topology = Topology.start(folder, ProcessSetup.PLAIN, highlyAvailable(zooKeeper));
        RunningJob job = new RunningJob(topology, "available")) {
      job.tickets().sendUpTo(RECORDS);
      job.committed().await(1);
      job.awaitAnyMoment(new Random(SEED));
      job.replaceJobManager();

      job.finish()
          .requireEachOnce(
              job.tickets().ids(),
              35,
              "HighAvailabilityITCase#shouldGoOnByItselfWhenTheJobManagerIsKilled");
    }
  }

  private ProcessSetup highlyAvailable(ZooKeeperProcess zooKeeper) {
    return ProcessSetup.settings(
        Map.of(
            "high-availability.type",
            "zookeeper",
            "high-availability.zookeeper.quorum",
            zooKeeper.quorum(),
            "high-availability.storageDir",
            folder.resolve("available").toUri().toString(),
            "high-availability.zookeeper.client.session-timeout",
            "10 s"));
  }
}
