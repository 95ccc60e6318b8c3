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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A standalone session cluster of operating system processes on loopback: one JobManager and one
 * TaskManager with two slots. {@link #close()} ends all of them, whatever happened before.
 */
public final class SessionCluster implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration JOB_LIMIT = Duration.ofMinutes(4);

  private final FlinkDistribution flink;
  private final Path folder;
  private final int restPort;
  private final List<Process> processes = new ArrayList<>();
  private Process taskManager;

  /** What {@code flink run} ended with: its exit code and everything it printed. */
  public record Submission(int exitCode, String output) {}

  /** Starts a cluster in which a job that has failed stays failed. */
  SessionCluster(FlinkDistribution flink, Path folder) throws IOException {
    this(flink, folder, Map.of("restart-strategy.type", "none"));
  }

  /**
   * Starts a cluster with its configuration and logs in {@code folder}.
   *
   * @param settings more lines of the configuration
   */
  public SessionCluster(FlinkDistribution flink, Path folder, Map<String, String> settings)
      throws IOException {
    this.flink = flink;
    this.folder = folder;
    this.restPort = freePort();
    writeConfiguration(settings);
    try {
      start("jobmanager.sh");
      startTaskManager();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Ends the TaskManager as a crash would, with no time to clean up. */
  public void killTaskManager() throws InterruptedException {
    taskManager.destroyForcibly().waitFor();
  }

  /** Starts a TaskManager and waits until the JobManager knows of one. */
  public void startTaskManager() throws IOException {
    taskManager = start("taskmanager.sh");
    await()
        .atMost(START_LIMIT)
        .ignoreExceptions()
        .until(() -> get("/overview").contains("\"taskmanagers\":1"));
  }

  /** Submits a job as a user does and waits until it has ended. */
  Submission run(Path jar, Class<?> mainClass, List<String> arguments)
      throws IOException, InterruptedException {
    return run(jar, mainClass, arguments, JOB_LIMIT);
  }

  /** Likewise, with another limit to the time that the job may take. */
  public Submission run(Path jar, Class<?> mainClass, List<String> arguments, Duration limit)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(flink.script("flink").toString(), "run", "-c", mainClass.getName()));
    command.add(jar.toString());
    command.addAll(arguments);
    return submit(command, limit);
  }

  /** Runs statements in the SQL client, which has these jars, until they have ended. */
  Submission sql(String statements, List<Path> jars) throws IOException, InterruptedException {
    Path file = Files.writeString(Files.createTempFile(folder, "session", ".sql"), statements);
    List<String> command = new ArrayList<>();
    command.add(flink.script("sql-client.sh").toString());
    for (Path jar : jars) {
      command.addAll(List.of("--jar", jar.toString()));
    }
    command.addAll(List.of("--file", file.toString()));
    return submit(command, JOB_LIMIT);
  }

  private Submission submit(List<String> command, Duration limit)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "submission", ".out");
    Process client = launch(command, output);
    if (!client.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("Job did not end within " + limit + ":\n" + tail(output));
    }
    return new Submission(client.exitValue(), Files.readString(output));
  }

  /** Answer of the JobManager's REST interface. */
  public String get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + restPort + path)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  int restPort() {
    return restPort;
  }

  boolean taskManagerAlive() {
    return taskManager.isAlive();
  }

  public long taskManagerPid() {
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

  private void writeConfiguration(Map<String, String> settings) throws IOException {
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
        """
                .formatted(flink.jvmOptions(), freePort(), restPort)
            + settings.entrySet().stream()
                .map(setting -> setting.getKey() + ": " + setting.getValue() + "\n")
                .collect(Collectors.joining()));
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
