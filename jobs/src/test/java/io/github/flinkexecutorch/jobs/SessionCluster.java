package io.github.flinkexecutorch.jobs;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A standalone session cluster of operating system processes on loopback: one JobManager and one
 * TaskManager with two slots. {@link #close()} ends both, whatever happened before.
 */
final class SessionCluster implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration JOB_LIMIT = Duration.ofMinutes(4);

  private final FlinkDistribution flink;
  private final Path folder;
  private final int restPort;
  private final List<Process> processes = new ArrayList<>();
  private final Process taskManager;

  /** What {@code flink run} ended with: its exit code and everything it printed. */
  record Submission(int exitCode, String output) {}

  /** Starts the cluster with its configuration and logs in {@code folder}. */
  SessionCluster(FlinkDistribution flink, Path folder) throws IOException {
    this.flink = flink;
    this.folder = folder;
    this.restPort = freePort();
    writeConfiguration();
    try {
      start("jobmanager.sh");
      taskManager = start("taskmanager.sh");
      await()
          .atMost(START_LIMIT)
          .ignoreExceptions()
          .until(() -> get("/overview").contains("\"taskmanagers\":1"));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Submits a job as a user does and waits until it has ended. */
  Submission run(Path jar, Class<?> mainClass, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(flink.script("flink").toString(), "run", "-c", mainClass.getName()));
    command.add(jar.toString());
    command.addAll(arguments);
    Path output = Files.createTempFile(folder, "flink-run", ".out");
    Process client = launch(command, output);
    if (!client.waitFor(JOB_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("Job did not end within " + JOB_LIMIT + ":\n" + tail(output));
    }
    return new Submission(client.exitValue(), Files.readString(output));
  }

  /** Answer of the JobManager's REST interface. */
  String get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + restPort + path)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  boolean taskManagerAlive() {
    return taskManager.isAlive();
  }

  long taskManagerPid() {
    return taskManager.pid();
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }

  private Process start(String script) throws IOException {
    List<String> command = List.of(flink.script(script).toString(), "start-foreground");
    return launch(command, folder.resolve(script + ".out"));
  }

  private Process launch(List<String> command, Path output) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FLINK_CONF_DIR", folder.resolve("conf").toString());
    builder.environment().put("FLINK_LOG_DIR", folder.resolve("log").toString());
    builder.environment().put("FLINK_PID_DIR", folder.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private void writeConfiguration() throws IOException {
    Path conf = Files.createDirectories(folder.resolve("conf"));
    Files.createDirectories(folder.resolve("log"));
    for (String file : List.of("log4j-cli.properties", "log4j-console.properties")) {
      Files.copy(flink.home().resolve("conf").resolve(file), conf.resolve(file));
    }
    Files.writeString(
        conf.resolve("config.yaml"),
        """
        env.java.opts.all: %s
        jobmanager.rpc.address: localhost
        jobmanager.rpc.port: %d
        jobmanager.memory.process.size: 1200m
        rest.address: localhost
        rest.port: %d
        taskmanager.host: localhost
        taskmanager.numberOfTaskSlots: 2
        taskmanager.memory.process.size: 1728m
        taskmanager.memory.task.off-heap.size: 256m
        parallelism.default: 1
        restart-strategy.type: none
        """
            .formatted(flink.jvmOptions(), freePort(), restPort));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String tail(Path file) throws IOException {
    String text = Files.readString(file);
    return text.substring(Math.max(0, text.length() - 4000));
  }
}
