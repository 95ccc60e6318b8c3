package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EtDumpTest {
  private final Program program = Fixtures.open("two-methods.pte");
  private final ExecuTorchModule module = program.openModule(Threading.INLINE);

  @AfterEach
  void close() {
    module.close();
    program.close();
  }

  @Test
  void shouldRecordWhatRanWhileOn() {
    execute();
    module.startEtDump();
    execute();
    byte[] one = module.stopEtDump();
    assertThat(new String(one, StandardCharsets.ISO_8859_1)).contains("ED00", "Method::execute");

    module.startEtDump();
    execute();
    execute();
    assertThat(module.stopEtDump()).hasSizeGreaterThan(one.length);
    execute();
  }

  @Test
  void shouldBeEmptyWhenNothingRan() {
    module.startEtDump();
    assertThat(module.stopEtDump()).isEmpty();
  }

  @Test
  void shouldBeOnOrOff() {
    assertThatThrownBy(module::stopEtDump).isInstanceOf(IllegalStateException.class);
    module.startEtDump();
    assertThatThrownBy(module::startEtDump).isInstanceOf(IllegalStateException.class);
    execute();
  }

  private void execute() {
    module.execute("forward", EValue.of(Tensor.of(new long[] {1, 2}, 1, 2)));
  }
}
