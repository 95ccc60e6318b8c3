package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.FakeModule;
import io.github.flinkexecutorch.llm.FakeTokenizer;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.TextLLMRunner;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool's own behavior, on scripted models. */
@Timeout(30)
class RunnerPoolTest {
  private final Source source = new Source();
  private RunnerPool pool;

  @AfterEach
  void shouldFreeEverything() throws InterruptedException {
    if (pool != null) {
      pool.close();
    }
    source.closed.await();
    assertThat(source.modules).allMatch(FakeModule::isClosed);
    Engines.assertAllClosed();
  }

  @Test
  void shouldAnswerEveryRequestOnItsOwnThreads() throws Exception {
    pool = open(2, () -> FakeModule.answering("hi", 'o', 'k', FakeTokenizer.EOS));

    List<CompletableFuture<GenerationResult>> futures =
        IntStream.range(0, 20).mapToObj(i -> pool.submit(request("hi", null))).toList();

    for (var future : futures) {
      assertThat(future.get().text()).isEqualTo("ok");
      assertThat(future.get().stats().queueMs()).isNotNegative();
    }
    assertThat(pool.inFlight()).isZero();
    assertThat(source.loadedOn).containsExactlyInAnyOrder("llm-runner-test-0", "llm-runner-test-1");
  }

  @Test
  void shouldKeepARequestsFailureToItself() throws Exception {
    pool = open(1, () -> FakeModule.answering("hi", 'o', FakeTokenizer.EOS));

    var blank = pool.submit(request(" \n", null));
    var good = pool.submit(request("hi", null));

    assertFails(blank, InvalidRequestException.class, "blank");
    assertThat(good.get().text()).isEqualTo("o");
  }

  @Test
  void shouldStopAGenerationAtItsTimeLimitAndGoOnWithTheNext() throws Exception {
    pool = open(1, () -> FakeModule.repeating('x').beforeExecution(() -> pause(5)));

    var slow = pool.submit(request("hi", Duration.ofMillis(50)));
    var next = pool.submit(request("hi", null, 1));

    assertFails(slow, GenerationTimeoutException.class, "r was stopped at its time limit of 50 ms");
    assertThat(next.get().text()).isEqualTo("x");
  }

  @Test
  void shouldCountTheTimeLimitFromTheStartOfTheOwnRun() throws Exception {
    var gate = new Semaphore(0);
    pool = open(1, () -> FakeModule.repeating('x').beforeExecution(gate::acquireUninterruptibly));
    var first = pool.submit(request("hi", null, 1));
    var second = pool.submit(request("hi", Duration.ofMillis(400), 1));

    Thread.sleep(500);
    gate.release(100);

    assertThat(first.get().text()).isEqualTo("x");
    assertThat(second.get().text()).isEqualTo("x");
    assertThat(second.get().stats().queueMs()).isGreaterThanOrEqualTo(400);
  }

  @Test
  void shouldStopTheGenerationWhenItsFutureIsCancelled() throws Exception {
    var executions = new AtomicInteger();
    var started = new CountDownLatch(1);
    var gate = new Semaphore(0);
    pool =
        open(
            1,
            () ->
                FakeModule.repeating('x')
                    .beforeExecution(
                        () -> {
                          executions.incrementAndGet();
                          started.countDown();
                          gate.acquireUninterruptibly();
                        }));
    var endless = pool.submit(request("hi", null));
    started.await();

    assertThat(endless.cancel(true)).isTrue();
    gate.release(100);

    assertThat(pool.submit(request("hi", null, 1)).get().text()).isEqualTo("x");
    assertThat(executions).as("one of each").hasValue(2);
  }

  @Test
  void shouldReopenARunnerThatTheRuntimeFailedIn() throws Exception {
    var fail = new Semaphore(1);
    pool =
        open(
            1,
            () ->
                FakeModule.answering("hi", 'o', FakeTokenizer.EOS)
                    .beforeExecution(
                        () -> {
                          if (fail.tryAcquire()) {
                            throw new ExecuTorchException(ErrorCode.INTERNAL, "broken");
                          }
                        }));

    assertFails(pool.submit(request("hi", null)), ExecuTorchException.class, "broken");
    assertThat(pool.submit(request("hi", null)).get().text()).isEqualTo("o");
    assertThat(source.modules).hasSize(2);
    assertThat(source.modules.get(0).isClosed()).isTrue();
  }

  @Test
  void shouldCompleteEverythingOutstandingWhenClosed() throws Exception {
    var started = new CountDownLatch(1);
    var gate = new Semaphore(0);
    pool =
        open(
            1,
            () ->
                FakeModule.repeating('x')
                    .beforeExecution(
                        () -> {
                          started.countDown();
                          gate.acquireUninterruptibly();
                        }));
    var running = pool.submit(request("hi", null));
    var queued = pool.submit(request("hi", null));
    var unused =
        CompletableFuture.allOf(running, queued)
            .whenComplete((done, failure) -> gate.release(1000)); // neither ends before
    started.await();

    pool.close();

    assertThat(List.of(running, queued)).allMatch(CompletableFuture::isDone);
    assertThatThrownBy(running::join).isInstanceOf(CancellationException.class);
    assertThatThrownBy(queued::join).isInstanceOf(CancellationException.class);
    assertThatThrownBy(() -> pool.submit(request("hi", null)).join())
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("engine test was closed");
    assertThat(pool.inFlight()).isZero();
  }

  @Test
  void shouldNotFreeARunnerThatIsStillInsideTheRuntime() throws Exception {
    var started = new CountDownLatch(1);
    var gate = new Semaphore(0);
    pool =
        open(
            1,
            () ->
                FakeModule.repeating('x')
                    .beforeExecution(
                        () -> {
                          started.countDown();
                          gate.acquireUninterruptibly();
                        }));
    var stuck = pool.submit(request("hi", null));
    started.await();

    pool.close(); // gives up waiting

    assertThat(stuck).isDone();
    assertThat(source.modules.get(0).isClosed()).isFalse();
    gate.release(); // the runtime comes back, and the thread frees everything, see above
  }

  @Test
  void shouldSayWhyLoadingFailed() {
    assertThatThrownBy(
            () ->
                open(
                    2,
                    () -> {
                      throw new InvalidModelException("no such model");
                    }))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage("no such model");
  }

  private RunnerPool open(int runners, Supplier<FakeModule> module) {
    source.module = module;
    RunnerPool pool = new RunnerPool("test", runners, () -> source);
    return Opening.await(pool.opened(), "fake", pool::close);
  }

  private static GenerationRequest request(String prompt, Duration limit) {
    return request(prompt, limit, -1);
  }

  private static GenerationRequest request(String prompt, Duration limit, int maxNewTokens) {
    var config = GenerationConfig.greedy().toBuilder().maxNewTokens(maxNewTokens).build();
    return new GenerationRequest("r", prompt, config, limit);
  }

  private static void assertFails(
      CompletableFuture<?> future, Class<? extends Throwable> type, String message) {
    assertThatThrownBy(future::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(type)
        .hasMessageContaining(message);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException("Nobody interrupts runners", e);
    }
  }

  private static final class Source implements RunnerSource {
    private final List<FakeModule> modules = new CopyOnWriteArrayList<>();
    private final Set<String> loadedOn = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private Supplier<FakeModule> module;

    @Override
    public TextLLMRunner newRunner() {
      FakeModule opened = module.get();
      modules.add(opened);
      loadedOn.add(Thread.currentThread().getName());
      return new TextLLMRunner(opened, new FakeTokenizer());
    }

    @Override
    public String modelDigest() {
      return "fake";
    }

    @Override
    public long modelBytes() {
      return 0;
    }

    @Override
    public void close() {
      assertThat(modules).allMatch(FakeModule::isClosed);
      closed.countDown();
    }
  }
}
