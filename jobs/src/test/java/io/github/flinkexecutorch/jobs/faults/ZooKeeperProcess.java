package io.github.flinkexecutorch.jobs.faults;

import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.connector.FreePorts;
import io.github.flinkexecutorch.jobs.FlinkDistribution;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The ZooKeeper that Flink's distribution brings, in a process of its own. */
final class ZooKeeperProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final int port;
  private final Process process;

  private ZooKeeperProcess(int port, Process process) {
    this.port = port;
    this.process = process;
  }

  /** Starts one with its data in {@code folder} and returns when it takes connections. */
  static ZooKeeperProcess start(Path folder) throws IOException, InterruptedException {
    FlinkDistribution flink = FlinkDistribution.fetch();
    int port = FreePorts.one();
    Path configuration = writeConfiguration(Files.createDirectories(folder), port);
    // What bin/zookeeper.sh runs, but as this very process, so that it can be ended.
    List<String> command =
        List.of(
            flink.script("flink-console.sh").toString(),
            "zookeeper",
            "--zkConfigFile",
            configuration.toString(),
            "--peerId",
            "1");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "FLINK_CONF_DIR", flink.home().resolve("conf").toString(),
                "FLINK_LOG_DIR", folder.toString(),
                "FLINK_PID_DIR", folder.toString(),
                "JAVA_HOME", System.getProperty("java.home")));
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("zookeeper.out").toFile());
    ZooKeeperProcess zooKeeper = new ZooKeeperProcess(port, builder.start());
    try {
      await().atMost(START_LIMIT).ignoreExceptions().until(zooKeeper::takesConnections);
      return zooKeeper;
    } catch (RuntimeException e) {
      zooKeeper.close();
      throw e;
    }
  }

  /** What clients name as their quorum. */
  String quorum() {
    return "localhost:" + port;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  private boolean takesConnections() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    }
  }

  private static Path writeConfiguration(Path folder, int port) throws IOException {
    return Files.writeString(
        folder.resolve("zoo.cfg"),
        """
        tickTime=2000
        initLimit=10
        syncLimit=5
        dataDir=%s
        clientPort=%d
        clientPortAddress=127.0.0.1
        admin.enableServer=false
        server.1=localhost:2888:3888
        """
            .formatted(folder.resolve("data"), port)); // one alone opens no port of server.1
  }
}
