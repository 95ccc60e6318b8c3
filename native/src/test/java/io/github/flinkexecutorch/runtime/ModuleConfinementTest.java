package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModuleConfinementTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 2_000;

  private static final int MOST_SECONDS = 30;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void stop() throws Exception {
    threads.shutdown();
    assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void shouldComputeTheSameOnModulesOfOneProgramSideBySide() throws Exception {
    for (Threading threading : Threading.values()) {
      try (Program program = Fixtures.open("two-methods.pte")) {
        List<float[]> alone = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          try (ExecuTorchModule module = program.openModule(threading)) {
            alone.add(Fixtures.floats(module.execute("forward", tokens(i)).get(0)));
          }
        }
        List<float[]> together =
            onAllThreads(
                i -> {
                  try (ExecuTorchModule module = program.openModule(threading)) {
                    float[] last = null;
                    for (int round = 0; round < ROUNDS; round++) {
                      float[] now = Fixtures.floats(module.execute("forward", tokens(i)).get(0));
                      assertThat(last == null || java.util.Arrays.equals(now, last)).isTrue();
                      last = now;
                    }
                    return last;
                  }
                });
        for (int i = 0; i < THREADS; i++) {
          assertThat(together.get(i)).as("thread %d, %s", i, threading).isEqualTo(alone.get(i));
        }
      }
    }
  }

  @Test
  void shouldRefuseASecondThreadInAModule() throws Exception {
    try (Program program = Fixtures.open("two-methods.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      AtomicInteger refusals = new AtomicInteger();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
      onAllThreads(
          i -> {
            while (refusals.get() == 0 && System.nanoTime() < deadline) { // until two have met
              try {
                module.execute("forward", tokens(i));
              } catch (IllegalStateException e) {
                assertThat(e).hasMessageContainingAll("in use by thread", "two-methods.pte");
                refusals.incrementAndGet();
              }
            }
            return null;
          });
      assertThat(refusals).hasPositiveValue();
      assertThat(module.execute("forward", tokens(0))).hasSize(1);
    }
  }

  private interface Work<T> {
    T on(int thread) throws Exception;
  }

  private <T> List<T> onAllThreads(Work<T> work) throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    List<Callable<T>> tasks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      tasks.add(
          () -> {
            start.await();
            return work.on(thread);
          });
    }
    List<T> results = new ArrayList<>();
    for (Future<T> result : threads.invokeAll(tasks)) {
      results.add(result.get());
    }
    return results;
  }

  private static EValue tokens(int thread) {
    return EValue.of(Tensor.of(new long[] {thread, 31 - thread, 7, thread}, 1, 4));
  }
}
