package io.github.flinkexecutorch.jobs.faults;

import io.github.flinkexecutorch.jobs.Checkpoints;
import io.github.flinkexecutorch.jobs.FlinkDistribution;
import io.github.flinkexecutorch.jobs.SessionCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What docker-compose.yml describes, as plain processes: a Kafka broker, a JobManager and two
 * TaskManagers with a slot each, so that a job of two subtasks needs both.
 *
 * <p>Its settings are those that a job needs to survive: restarts without an end, and checkpoints
 * in a folder that outlives the JobManager.
 */
final class Topology implements AutoCloseable {
  static final int TASK_MANAGERS = 2;

  private final BrokerProcess broker;
  private final SessionCluster cluster;
  private final Path folder;

  private Topology(BrokerProcess broker, SessionCluster cluster, Path folder) {
    this.broker = broker;
    this.cluster = cluster;
    this.folder = folder;
  }

  static Topology start(Path folder) throws IOException, InterruptedException {
    return start(folder, ProcessSetup.PLAIN, ProcessSetup.PLAIN);
  }

  /** Starts all processes, those of each kind as they are to be set up. */
  static Topology start(Path folder, ProcessSetup ofBroker, ProcessSetup ofFlink)
      throws IOException, InterruptedException {
    Map<String, String> settings = new HashMap<>();
    settings.put("taskmanager.numberOfTaskSlots", "1");
    settings.put("restart-strategy.type", "fixed-delay");
    settings.put("restart-strategy.fixed-delay.attempts", "2147483647");
    settings.put("restart-strategy.fixed-delay.delay", "500 ms");
    settings.put("heartbeat.interval", "2 s");
    settings.put("heartbeat.timeout", "10 s");
    settings.put("execution.checkpointing.dir", checkpoints(folder).toUri().toString());
    settings.put(
        "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    settings.putAll(ofFlink.settings());
    FlinkDistribution flink = FlinkDistribution.fetch();
    BrokerProcess broker = BrokerProcess.start(folder.resolve("broker"), ofBroker);
    try {
      SessionCluster cluster =
          new SessionCluster(
              flink, folder.resolve("flink"), settings, TASK_MANAGERS, ofFlink.environment());
      return new Topology(broker, cluster, folder);
    } catch (IOException | RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  BrokerProcess broker() {
    return broker;
  }

  SessionCluster cluster() {
    return cluster;
  }

  Path savepoints() {
    return folder.resolve("savepoints");
  }

  /** The newest complete checkpoint of a job, whose JobManager is gone. */
  String lastCheckpoint(String job) throws IOException {
    return Checkpoints.latest(checkpoints(folder).resolve(job))
        .orElseThrow(() -> new IOException("Job " + job + " has no complete checkpoint"));
  }

  @Override
  public void close() {
    cluster.close();
    broker.close();
  }

  private static Path checkpoints(Path folder) {
    return folder.resolve("checkpoints");
  }
}
