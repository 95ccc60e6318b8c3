package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
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

  @Test
  void shouldSumUpTheLatestExecutionByOperator() {
    module.startEtDump();
    execute();
    execute();
    ExecutionProfile profile = module.stopProfile();

    List<String> operators =
        program.inspect().methods().stream()
            .filter(method -> method.meta().name().equals("forward"))
            .flatMap(
                method ->
                    Stream.concat(method.operators().stream(), method.meta().backends().stream()))
            .toList();
    assertThat(profile.operators())
        .isNotEmpty()
        .allSatisfy(operator -> assertThat(operators).contains(operator.name()))
        .allSatisfy(operator -> assertThat(operator.nanos()).isPositive());
    assertThat(profile.operators().stream().mapToLong(operator -> operator.nanos()).sum())
        .isLessThanOrEqualTo(profile.nanos());
    assertThat(profile.toString()).contains(profile.operators().get(0).name(), "%");
    assertThat(profile.etDump()).isNotEmpty();
  }

  @Test
  void shouldHaveNoTimesWhenNothingRan() {
    module.startEtDump();
    assertThat(module.stopProfile().operators()).isEmpty();
  }

  private void execute() {
    module.execute("forward", EValue.of(Tensor.of(new long[] {1, 2}, 1, 2)));
  }
}
