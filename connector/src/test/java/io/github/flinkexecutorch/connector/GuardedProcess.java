package io.github.flinkexecutorch.connector;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Another process with requests in work, which can end as a TaskManager can. */
final class GuardedProcess implements AutoCloseable {
  private static final String READY = "in work: ";

  private final Process process;
  private final BufferedReader output;

  private GuardedProcess(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts a process that has as many of these requests in work as its journals allow. */
  static GuardedProcess start(Path folder, String... ids) throws IOException {
    GuardedProcess process = launch("exec ", folder, ids);
    String line = process.output.readLine();
    while (line != null && !line.startsWith(READY)) {
      line = process.output.readLine(); // of a log
    }
    if (line == null) {
      throw new IOException("The process has ended with nothing in work.");
    }
    return process;
  }

  /** Runs a process to its end, which can write no file of more than so many KiB. */
  static String runWithin(int kilobytes, Path folder, int requests) throws Exception {
    String shell = "ulimit -f " + kilobytes + "; exec ";
    try (GuardedProcess process = launch(shell, folder, "complete", "" + requests)) {
      String output = process.output.lines().reduce("", (all, line) -> all + line + "\n");
      return output + "exit code " + process.process.waitFor();
    }
  }

  private static GuardedProcess launch(String shell, Path folder, String... arguments)
      throws IOException {
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(List.of("-Xmx64m", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
    java.addAll(List.of("-cp", System.getProperty("java.class.path")));
    java.addAll(List.of(GuardedProcess.class.getName(), folder.toString()));
    java.addAll(List.of(arguments));
    List<String> command = new ArrayList<>(List.of("bash", "-c", shell + "\"$@\"", "guarded"));
    command.addAll(java);
    return new GuardedProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** As a crash does it: at once. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** As whoever stops a TaskManager does it. */
  void terminate() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    FakeEngine engine = FakeEngine.holding();
    CrashGuard guard = CrashGuard.open(folder, "child");
    if (arguments[1].equals("complete")) {
      System.out.println("completed " + completed(guard, engine, Integer.parseInt(arguments[2])));
      guard.close();
      return;
    }
    for (int i = 1; i < arguments.length; i++) {
      CrashGuardTest.begin(guard, engine, arguments[i]);
    }
    await().until(() -> engine.inFlight() > 0);
    System.out.println(READY + engine.inFlight());
    Thread.sleep(Long.MAX_VALUE);
  }

  private static int completed(CrashGuard guard, FakeEngine engine, int requests) {
    List<CompletableFuture<?>> outcomes = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      outcomes.add(CrashGuardTest.submit(guard, engine, "r" + i));
    }
    for (int i = 0; i < requests; i++) {
      engine.answer("r" + i);
    }
    outcomes.forEach(CompletableFuture::join);
    return outcomes.size();
  }
}
