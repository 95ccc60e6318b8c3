package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.KvType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A process that the system gives no more memory, by a limit on its address space. */
@Tag("native")
class MemoryShortageTest {
  private static final BatchedGoldens MODEL = BatchedGoldens.exact();
  private static final List<String> STEADY = // so that the JVM itself needs no more
      List.of("-Xint", "-XX:+UseSerialGC", "-Xms256m", "-XX:+AlwaysPreTouch");

  @Test
  void shouldSayAtTheLoadWhatCannotBeAllocatedAndGoOn() throws Exception {
    ChildJvm.Result child = run("load");

    assertThat(child.output())
        .contains("refused: [MEMORY_ALLOCATION_FAILED", "KV pages")
        .contains("afterwards right");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldNeverGiveAnotherCompletionInAGeneration() throws Exception {
    ChildJvm.Result child = run("generation");

    assertThat(child.output()).doesNotContain("wrong").contains("afterwards right");
    assertThat(child.exitCode()).isZero();
  }

  private static ChildJvm.Result run(String what) throws Exception {
    return ChildJvm.start(MemoryShortageTest.class, STEADY, what).await();
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("load")) {
      load();
    } else {
      generate();
    }
  }

  private static void load() throws Exception {
    System.out.println("before " + outcome(EngineOptions.DEFAULTS, 0)); // libraries and threads
    Process limit = limitTo(128);
    System.out.println(outcome(EngineOptions.DEFAULTS.withKvCache(1L << 30, 16, KvType.FLOAT), 0));
    lift(limit);
    System.out.println("afterwards " + outcome(EngineOptions.DEFAULTS, 0));
  }

  private static void generate() throws Exception {
    try (LLMEngine engine = Engines.open(MODEL, EngineOptions.DEFAULTS)) {
      int shortest = 0;
      System.out.println("before " + outcome(engine, shortest));
      Process limit = limitTo(0);
      for (int i = 0; i < MODEL.goldens().size(); i++) {
        System.out.println(outcome(engine, i));
      }
      lift(limit);
      System.out.println("afterwards " + outcome(engine, shortest));
    }
  }

  private static String outcome(EngineOptions options, int golden) {
    try (LLMEngine engine = Engines.open(MODEL, options)) {
      return outcome(engine, golden);
    } catch (RuntimeException e) {
      return refusal(e);
    }
  }

  private static String outcome(LLMEngine engine, int number) {
    BatchedGoldens.Golden golden = MODEL.goldens().get(number);
    try {
      List<Integer> tokens = engine.submit(golden.request()).join().tokens();
      return tokens.equals(golden.tokens()) ? "right" : "wrong: " + golden.id();
    } catch (RuntimeException e) {
      return refusal(e);
    }
  }

  private static String refusal(Throwable failure) {
    return "refused: "
        + Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
            .map(cause -> codeOf(cause) + ": " + cause.getMessage())
            .toList();
  }

  private static String codeOf(Throwable failure) {
    return failure instanceof ExecuTorchException runtime
        ? runtime.code().name()
        : failure.getClass().getSimpleName();
  }

  /**
   * Lets the process have so many MiB more than it has now.
   *
   * @return for {@link #lift}; a process that has no more memory can start no other one
   */
  private static Process limitTo(int moreMegabytes) throws IOException, InterruptedException {
    Process lifting = limiting();
    Process limiting = limiting();
    while (waitingForProcesses() < 2) { // a thread that has not begun cannot begin later
      Thread.sleep(10);
    }
    long bytes = addressSpace() + moreMegabytes * 1048576L;
    limiting.getOutputStream().write((bytes + "\n").getBytes(StandardCharsets.US_ASCII));
    limiting.getOutputStream().close();
    requireZero(limiting);
    return lifting;
  }

  /** Sets the limit that it is given, or none, once it is given one. */
  private static Process limiting() throws IOException {
    String set = "prlimit --pid " + ProcessHandle.current().pid() + " --as=";
    return new ProcessBuilder("bash", "-c", "read -r bytes; exec " + set + "${bytes:-unlimited}:")
        .start();
  }

  private static long waitingForProcesses() {
    return Thread.getAllStackTraces().values().stream()
        .filter(stack -> stack.length > 0 && stack[0].getMethodName().equals("waitForProcessExit0"))
        .count();
  }

  private static void lift(Process lifting) throws IOException, InterruptedException {
    lifting.getOutputStream().close();
    requireZero(lifting);
  }

  private static void requireZero(Process prlimit) throws IOException, InterruptedException {
    int code = prlimit.waitFor();
    if (code != 0) {
      throw new IOException("prlimit ended with " + code);
    }
  }

  private static long addressSpace() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return 1024
          * lines
              .filter(line -> line.startsWith("VmSize:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow();
    }
  }
}
