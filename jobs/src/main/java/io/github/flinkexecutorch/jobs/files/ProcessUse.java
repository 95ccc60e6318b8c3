package io.github.flinkexecutorch.jobs.files;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.JobID;

/**
 * What this process has spent since the first task of a job came to it: the time of all its cores,
 * used or not, and what was used of it. All subtasks in the process report the same values, of
 * which the largest counts; each process has names of its own, whose values are added up. The
 * process may do other things meanwhile, which count as well.
 */
@Internal
public final class ProcessUse {
  /** CPU time of a process, ms, where the JVM knows it. */
  public static final String USED = Tally.MOST + "cores-used-ms.";

  /** Time of a process multiplied by its cores, ms. */
  public static final String HELD = Tally.MOST + "cores-held-ms.";

  /** Time since a job was submitted, ms, by the id of the job. */
  public static final String WALL = Tally.MOST + "wall-ms.";

  private static final Map<JobID, ProcessUse> JOBS = new ConcurrentHashMap<>();
  private static final long NANOS_PER_MS = 1_000_000;

  private final JobID job;
  private final String process = UUID.randomUUID().toString();
  private final long startNanos = System.nanoTime();
  private final long startCpuNanos = cpuNanos();

  private ProcessUse(JobID job) {
    this.job = job;
  }

  /** Of a job in this process, measured since the first call. */
  public static ProcessUse of(JobID job) {
    return JOBS.computeIfAbsent(job, ProcessUse::new);
  }

  /**
   * Adds what was spent so far.
   *
   * @param submitted when the job was, ms since the epoch
   */
  public void report(Tally tally, long submitted) {
    long held = (System.nanoTime() - startNanos) / NANOS_PER_MS;
    tally.add(HELD + process, held * Runtime.getRuntime().availableProcessors());
    long cpuNanos = cpuNanos();
    if (cpuNanos >= 0 && startCpuNanos >= 0) {
      tally.add(USED + process, (cpuNanos - startCpuNanos) / NANOS_PER_MS);
    }
    tally.add(WALL + job, Math.max(held, System.currentTimeMillis() - submitted));
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : -1;
  }
}
