package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RuntimeLogTest {
  private static final String NAME = "io.github.flinkexecutorch.runtime.native";

  private final Memory memory = new Memory();

  @BeforeEach
  void listen() {
    Native.require();
    Native.drainLog();
    Configurator.setLevel(NAME, Level.ALL);
    memory.start();
    ((Logger) LogManager.getLogger(NAME)).addAppender(memory);
  }

  @AfterEach
  void stop() {
    ((Logger) LogManager.getLogger(NAME)).removeAppender(memory);
    Configurator.setLevel(NAME, (Level) null);
  }

  @Test
  void shouldReachSlf4jAtTheirOwnLevelOnTheCallingThread() {
    try (Program program = Fixtures.open("missing-operator.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      assertThatThrownBy(() -> module.loadMethod("forward"))
          .isInstanceOf(ExecuTorchException.class);
    }
    assertThat(memory.events)
        .anySatisfy(
            event -> {
              assertThat(event.getLevel()).isEqualTo(Level.ERROR);
              assertThat(event.getMessage().getFormattedMessage())
                  .isEqualTo("Missing operator: [0] demo::unavailable.out");
              assertThat(event.getThreadName()).isEqualTo(Thread.currentThread().getName());
            });
    assertThat(NativeBridge.et_log_pending()).isZero();
  }

  @Test
  void shouldKeepInformationApartFromErrors() throws Exception {
    // A pool that changes its size says so at level info; only a fresh process may do that.
    ChildJvm.Result child = ChildJvm.run(PoolResize.class, List.of());
    assertThat(child.output()).contains("INFO Resetting threadpool to 3 threads.");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldStayBoundedWhenNobodyTakesThem() throws Exception {
    ChildJvm.Result child = ChildJvm.run(Flood.class, List.of());
    assertThat(child.output()).contains("log records of the runtime were dropped");
    assertThat(child.exitCode()).isZero();
  }

  static final class PoolResize {
    public static void main(String[] arguments) {
      RuntimeLogTest test = new RuntimeLogTest();
      test.listen();
      ExecuTorchRuntime.setPoolThreads(3);
      test.memory.events.forEach(
          event ->
              System.out.println(
                  event.getLevel() + " " + event.getMessage().getFormattedMessage()));
      System.exit(ExecuTorchRuntime.poolThreads() == 3 ? 0 : 1);
    }
  }

  static final class Flood {
    public static void main(String[] arguments) {
      RuntimeLogTest test = new RuntimeLogTest();
      test.listen();
      for (int i = 0; i < 3_000; i++) {
        NativeBridge.et_program_open(
            Native.terminated("/nowhere"), new byte[0], 0, 0, new long[3]); // logs an error
      }
      Native.drainLog();
      test.memory.events.forEach(
          event -> System.out.println(event.getMessage().getFormattedMessage()));
      System.exit(test.memory.events.size() <= 1_025 ? 0 : 1);
    }
  }

  private static final class Memory extends AbstractAppender {
    final List<LogEvent> events = new CopyOnWriteArrayList<>();

    Memory() {
      super("memory", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      events.add(event.toImmutable());
    }
  }
}
