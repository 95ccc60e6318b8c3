package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Good and bad records for a long time, on processes: {@code -Dsoak.minutes=480} makes it eight
 * hours.
 */
@Tag("full")
class SoakITCase {
  private static final Duration LENGTH = Duration.ofMinutes(Integer.getInteger("soak.minutes", 4));
  private static final int PORTION = 1000;
  private static final double MOST_GROWTH = 1.15;

  /** Keeps the disk from filling in a long run. */
  private static final ProcessSetup DISK =
      ProcessSetup.settings(
          Map.of("log.retention.bytes", "200000000", "log.segment.bytes", "50000000"));

  @TempDir private static Path folder;

  @Test
  void shouldNotGrowNorLoseAnything() throws Exception {
    List<Long> resident = new ArrayList<>(); // KiB of both TaskManagers
    try (Topology topology = Topology.start(folder, DISK, ProcessSetup.PLAIN);
        RunningJob job = new RunningJob(topology, "soak")) {
      long start = System.nanoTime();
      while (System.nanoTime() - start < LENGTH.toNanos()) {
        job.tickets().sendUpTo(job.tickets().sent() + PORTION);
        job.committed().await(job.tickets().sent() - PORTION / 2);
        resident.add(residentKilobytes(topology.cluster().taskManagerPids()));
      }
      job.drain();
      job.committed()
          .requireEachOnce(job.tickets().sent(), 50, "SoakITCase#shouldNotGrowNorLoseAnything");
    }
    assertThat(mostOfQuarter(resident, 3))
        .as("KiB resident in the last quarter, of %s", resident)
        .isLessThan((long) (MOST_GROWTH * mostOfQuarter(resident, 1)));
  }

  private static long mostOfQuarter(List<Long> values, int quarter) {
    return values.subList(quarter * values.size() / 4, (quarter + 1) * values.size() / 4).stream()
        .mapToLong(Long::longValue)
        .max()
        .orElseThrow();
  }

  private static long residentKilobytes(List<Long> pids) throws IOException {
    long sum = 0;
    for (long pid : pids) {
      sum +=
          Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .sum();
    }
    return sum;
  }
}
