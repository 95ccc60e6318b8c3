package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.engine.Workload.Outcome;
import io.github.flinkexecutorch.runtime.Threading;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The size of the process's pool is set once, so each size has a JVM of its own. */
@Tag("native")
class ThreadsTest {
  private static final int REQUESTS = 24;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldComputeTheSameBitsWithSoManyThreads(int threads) throws Exception {
    ChildJvm.Result child = ChildJvm.run(ThreadsTest.class, String.valueOf(threads));

    assertThat(child.exitCode()).as(child.output()).isZero();
    StringBuilder expected = new StringBuilder();
    for (BatchedGoldens model : BatchedGoldens.kinds()) {
      expected.append(digest(model, model.spec(Threading.INLINE))).append(' ');
    }
    assertThat(child.lastLine()).isEqualTo(expected.toString().strip());
  }

  public static void main(String[] arguments) {
    StringBuilder digests = new StringBuilder();
    for (BatchedGoldens model : BatchedGoldens.kinds()) {
      ModelSpec spec = model.spec(Threading.POOL).withPool(Integer.parseInt(arguments[0]));
      digests.append(digest(model, spec)).append(' ');
    }
    System.out.println(digests.toString().strip());
  }

  /** Stands for all rows of logits and all completions. */
  private static int digest(BatchedGoldens model, ModelSpec spec) {
    Map<String, Outcome> outcomes =
        Workload.of(model, REQUESTS, 3).run(spec, EngineOptions.DEFAULTS);
    assertThat(outcomes.values()).allMatch(outcome -> !outcome.rows().isEmpty());
    return new TreeMap<>(outcomes).toString().hashCode();
  }
}
