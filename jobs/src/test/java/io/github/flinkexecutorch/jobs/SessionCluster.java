package io.github.flinkexecutorch.jobs;

import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.connector.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A standalone session cluster of operating system processes on loopback: a JobManager and one or
 * more TaskManagers, which tests may kill and start again. {@link #close()} ends all of them,
 * whatever happened before.
 */
public final class SessionCluster implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Duration JOB_LIMIT = Duration.ofMinutes(10);
  private static final Pattern SUBMITTED =
      Pattern.compile("submitted with JobID (\\p{XDigit}{32})");
  private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");

  private final FlinkDistribution flink;
  private final Path folder;
  private final int restPort;
  private final Map<String, String> environment;
  private final List<Process> processes = new ArrayList<>();
  private final List<Process> taskManagers = new ArrayList<>();
  private Process jobManager;

  /** What {@code flink run} ended with: its exit code and everything it printed. */
  public record Submission(int exitCode, String output) {}

  /** Starts a cluster in which a job that has failed stays failed. */
  public SessionCluster(FlinkDistribution flink, Path folder) throws IOException {
    this(flink, folder, Map.of("restart-strategy.type", "none"));
  }

  /**
   * Starts a cluster with its configuration and logs in {@code folder}.
   *
   * @param settings lines of the configuration, more or instead of those here
   */
  public SessionCluster(FlinkDistribution flink, Path folder, Map<String, String> settings)
      throws IOException {
    this(flink, folder, settings, 1, Map.of());
  }

  /**
   * Likewise, with so many TaskManagers.
   *
   * @param environment variables of all processes, beside those of this one
   */
  public SessionCluster(
      FlinkDistribution flink,
      Path folder,
      Map<String, String> settings,
      int taskManagers,
      Map<String, String> environment)
      throws IOException {
    this.flink = flink;
    this.folder = folder;
    this.environment = environment;
    this.restPort = FreePorts.one();
    writeConfiguration(settings);
    try {
      jobManager = start("jobmanager.sh");
      for (int i = 0; i < taskManagers; i++) {
        this.taskManagers.add(start("taskmanager.sh"));
      }
      awaitTaskManagers();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Ends the TaskManager as a crash would, with no time to clean up. */
  public void killTaskManager() throws InterruptedException {
    killTaskManager(0);
  }

  /** Likewise for one of several, which are numbered from 0 on. */
  public void killTaskManager(int number) throws InterruptedException {
    taskManagers.get(number).destroyForcibly().waitFor();
  }

  /**
   * Starts a TaskManager in the place of each that was killed, and waits until the JobManager knows
   * as many as there are.
   */
  public void startTaskManager() throws IOException {
    for (int i = 0; i < taskManagers.size(); i++) {
      if (!taskManagers.get(i).isAlive()) {
        taskManagers.set(i, start("taskmanager.sh"));
      }
    }
    awaitTaskManagers();
  }

  /** Ends the JobManager as a crash would; all that it knew of its jobs is gone. */
  public void killJobManager() throws InterruptedException {
    jobManager.destroyForcibly().waitFor();
  }

  /** Starts another JobManager and waits until the TaskManagers have found it. */
  public void startJobManager() throws IOException {
    jobManager = start("jobmanager.sh");
    awaitTaskManagers();
  }

  private void awaitTaskManagers() {
    String expected = "\"taskmanagers\":" + taskManagers.size() + ",";
    await().atMost(START_LIMIT).ignoreExceptions().until(() -> get("/overview").contains(expected));
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

  /**
   * Runs a command of the shell that finds Flink's scripts by their names, on a machine of the
   * cluster.
   */
  public Submission shell(String command) throws IOException, InterruptedException {
    return submit(List.of("bash", "-euo", "pipefail", "-c", command), JOB_LIMIT);
  }

  /** The id of the job that a command of the shell has submitted. */
  public String submitted(String command) throws IOException, InterruptedException {
    return answer(List.of("bash", "-c", command), SUBMITTED);
  }

  /** The savepoint that a command of the shell has made. */
  public String savepoint(String command) throws IOException, InterruptedException {
    return answer(List.of("bash", "-c", command), SAVEPOINT);
  }

  /**
   * Submits a job that goes on by itself.
   *
   * @param options more of {@code flink run}, such as {@code -s} with a savepoint or checkpoint
   * @return the id of the job
   */
  public String start(Path jar, Class<?> mainClass, List<String> arguments, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(flink.script("flink").toString(), "run", "-d"));
    command.addAll(List.of(options));
    command.addAll(List.of("-c", mainClass.getName(), jar.toString()));
    command.addAll(arguments);
    return answer(command, SUBMITTED);
  }

  /**
   * Stops a job with a savepoint.
   *
   * @param drain whether what is in flight is completed before, so that the savepoint has none of
   *     it
   * @return the savepoint
   */
  public String stop(String job, Path savepoints, boolean drain)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(flink.script("flink").toString(), "stop", "-p", savepoints.toString()));
    if (drain) {
      command.add("--drain");
    }
    command.add(job);
    return answer(command, SAVEPOINT);
  }

  private String answer(List<String> command, Pattern expected)
      throws IOException, InterruptedException {
    Submission result = submit(command, JOB_LIMIT);
    Matcher answer = expected.matcher(result.output());
    if (result.exitCode() != 0 || !answer.find()) {
      throw new IOException(command + " ended with " + result);
    }
    return answer.group(1);
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

  /** Asks for the end of a job. */
  public void cancel(String job) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://localhost:" + restPort + "/jobs/" + job + "?mode=cancel"))
            .method("PATCH", HttpRequest.BodyPublishers.noBody())
            .build();
    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  int restPort() {
    return restPort;
  }

  boolean taskManagerAlive() {
    return taskManagers.stream().allMatch(Process::isAlive);
  }

  /** What the TaskManager ended with: 128 and the number of a signal, where one ended it. */
  int taskManagerExitCode() {
    return taskManagers.get(0).exitValue();
  }

  public long taskManagerPid() {
    return taskManagers.get(0).pid();
  }

  public List<Long> taskManagerPids() {
    return taskManagers.stream().map(Process::pid).toList();
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }

  private Process start(String script) throws IOException {
    List<String> command = List.of(flink.script(script).toString(), "start-foreground");
    return launch(command, folder.resolve(script + "-" + processes.size() + ".out"));
  }

  private Process launch(List<String> command, Path output) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.environment().put("FLINK_CONF_DIR", folder.resolve("conf").toString());
    builder.environment().put("FLINK_LOG_DIR", folder.resolve("log").toString());
    builder.environment().put("FLINK_PID_DIR", folder.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().merge("PATH", "", (path, none) -> flink.home() + "/bin:" + path);
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
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("env.java.opts.all", flink.jvmOptions());
    lines.put("jobmanager.rpc.address", "localhost");
    lines.put("jobmanager.rpc.port", Integer.toString(FreePorts.one()));
    lines.put("jobmanager.memory.process.size", "1200m");
    lines.put("rest.address", "localhost");
    lines.put("rest.port", Integer.toString(restPort));
    lines.put("taskmanager.host", "localhost");
    lines.put("taskmanager.numberOfTaskSlots", "2");
    lines.put("taskmanager.memory.process.size", "1728m");
    lines.put("taskmanager.memory.task.off-heap.size", "256m");
    lines.put("parallelism.default", "1");
    lines.putAll(settings);
    Files.writeString(
        conf.resolve("config.yaml"),
        lines.entrySet().stream()
            .map(line -> line.getKey() + ": " + line.getValue() + "\n")
            .collect(Collectors.joining()));
  }

  private static String tail(Path file) throws IOException {
    String text = Files.readString(file);
    return text.substring(Math.max(0, text.length() - 4000));
  }
}
