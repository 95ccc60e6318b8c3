package io.github.flinkexecutorch.jobs.faults;

import io.github.flinkexecutorch.connector.FreePorts;
import io.github.flinkexecutorch.jobs.demo.KafkaBroker;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * A broker with its KRaft controller in a process of its own, which can be killed and started again
 * on the same ports and data. {@link #close()} ends it; the data stay in the folder.
 */
public final class BrokerProcess implements KafkaBroker {
  private static final Duration START_LIMIT = Duration.ofMinutes(5);

  private final Path folder;
  private final int port;
  private final Path configuration;
  private final Map<String, String> environment;
  private Process process;
  private int starts;

  private BrokerProcess(
      Path folder, int port, Path configuration, Map<String, String> environment) {
    this.folder = folder;
    this.port = port;
    this.configuration = configuration;
    this.environment = environment;
  }

  /** Starts a broker with its data in {@code folder} and returns when clients can use it. */
  public static BrokerProcess start(Path folder) throws IOException {
    return start(folder, ProcessSetup.PLAIN);
  }

  /** Likewise, set up in another way. */
  static BrokerProcess start(Path folder, ProcessSetup setup) throws IOException {
    Files.createDirectories(folder);
    int port = FreePorts.one();
    Path configuration = writeConfiguration(folder, port, setup.settings());
    BrokerProcess broker = new BrokerProcess(folder, port, configuration, setup.environment());
    broker.format();
    broker.startAgain();
    return broker;
  }

  /** Ends the process as a crash would, with no time to clean up. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Asks the process to end, and waits until it has. */
  public void stop() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  /** Starts the process after its end, and returns when clients can use the broker. */
  public void startAgain() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("kafka.Kafka", configuration.toString()));
    Path output = folder.resolve("broker-" + starts++ + ".out");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    process = builder.start();
    try {
      awaitProducerIds(START_LIMIT);
    } catch (RuntimeException e) {
      close();
      throw new IOException("Broker did not start:\n" + Files.readString(output), e);
    }
  }

  @Override
  public String bootstrapServers() {
    return "localhost:" + port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void format() throws IOException {
    String[] arguments = {
      "format", "-t", Uuid.randomUuid().toString(), "-c", configuration.toString()
    };
    PrintStream silent =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    int status = StorageTool.execute(arguments, silent);
    if (status != 0) {
      throw new IOException("Could not format the broker's folder " + folder + ": " + status);
    }
  }

  private static Path writeConfiguration(Path folder, int port, Map<String, String> settings)
      throws IOException {
    int controllerPort = FreePorts.one();
    String more =
        settings.entrySet().stream()
            .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
            .collect(Collectors.joining());
    return Files.writeString(
        folder.resolve("server.properties"),
        """
        process.roles=broker,controller
        node.id=1
        listeners=PLAINTEXT://localhost:%1$d,CONTROLLER://localhost:%2$d
        advertised.listeners=PLAINTEXT://localhost:%1$d
        controller.listener.names=CONTROLLER
        controller.quorum.voters=1@localhost:%2$d
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        log.dirs=%3$s
        auto.create.topics.enable=false
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        """
                .formatted(port, controllerPort, folder.resolve("data"))
            + more);
  }
}
