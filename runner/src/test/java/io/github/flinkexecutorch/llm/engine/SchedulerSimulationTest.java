package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random arrivals, cancellations and failed steps on engines of random sizes, by a seed. {@link
 * SimulatedEngine} checks after every step that pages are accounted for and hold what their readers
 * expect; at the end everything is complete.
 */
class SchedulerSimulationTest {
  private static final int STEPS = 1500;

  static IntStream seeds() {
    return IntStream.range(0, Integer.getInteger("simulation.seeds", 200));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldKeepEverythingInOrder(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int pageTokens = random.nextBoolean() ? 16 : 32;
    int contextPages = 1 + random.nextInt(8);
    int pages = contextPages + random.nextInt(random.nextBoolean() ? 4 : 40);
    int maxSequences = 1 + random.nextInt(12);
    int context = contextPages * pageTokens;
    SimulatedEngine engine =
        new SimulatedEngine(
            pages, pageTokens, random.nextInt(4) > 0, maxSequences, 1 + random.nextInt(150));
    FakeSequences sequences = new FakeSequences(context);
    double arrivals = 0.05 + random.nextDouble();
    boolean faults = random.nextBoolean();

    for (int i = 0; i < STEPS; i++) {
      if (random.nextDouble() < arrivals && engine.live().size() < 50) {
        engine.add(sequence(sequences, context, random));
      }
      if (random.nextInt(20) == 0 && !engine.live().isEmpty()) {
        engine.live().get(random.nextInt(engine.live().size())).fail(new CancellationException());
      }
      engine.step(
          faults && random.nextInt(15) == 0
              ? new ExecuTorchException(ErrorCode.INTERNAL, "broken")
              : null);
    }
    for (int left = 50 * context; !engine.live().isEmpty(); left--) {
      assertThat(left).as("steps until everything is complete").isPositive();
      engine.step();
    }

    assertThat(engine.completed()).isPositive();
    assertThat(engine.scheduler().isIdle()).isTrue();
    assertThat(engine.pool().used()).isZero();
  }

  private static LLMSession sequence(
      FakeSequences sequences, int context, SplittableRandom random) {
    int length = 1 + random.nextInt(random.nextInt(10) == 0 ? context : context / 2);
    int[] prompt = FakeSequences.prompt(random.nextInt(4), length);
    if (random.nextBoolean()) {
      prompt[random.nextInt(length)] = 255; // where it parts from the others
    }
    int newTokens = random.nextInt(10) == 0 ? -1 : 1 + random.nextInt(60);
    return sequences.next(
        "client " + random.nextInt(3), random.nextInt(8) == 0 ? 1 : 0, newTokens, prompt);
  }
}
