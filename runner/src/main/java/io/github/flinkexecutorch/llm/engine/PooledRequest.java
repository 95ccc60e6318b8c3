package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.Cancellation;
import io.github.flinkexecutorch.llm.FinishReason;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.IRunner;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A request on its way through a pool, and the future that its caller holds. */
final class PooledRequest {
  private final GenerationRequest request;
  private final Consumer<PooledRequest> onDone;
  private final long queuedNanos = System.nanoTime();
  private Duration waited; // of the thread that runs it
  private final Cancellation cancellation = new Cancellation();
  private final CompletableFuture<GenerationResult> future = new CompletableFuture<>();

  /**
   * @param onDone called before whoever waits for the future wakes up; may be called twice
   */
  PooledRequest(GenerationRequest request, Consumer<PooledRequest> onDone) {
    this.request = request;
    this.onDone = onDone;
    var unused =
        future.whenComplete(
            (result, failure) -> {
              // A caller that cancels the future stops the generation; else it has ended already.
              cancellation.cancel();
              onDone.accept(this);
            });
  }

  CompletableFuture<GenerationResult> future() {
    return future;
  }

  /** Stops the generation and completes the future, if it is not complete. */
  void abandon(String poolName) {
    fail(
        new CancellationException(
            "Request " + request.id() + " was not finished: engine " + poolName + " was closed"));
  }

  /**
   * Generates and completes the future.
   *
   * @return false if the runner must not be used again
   */
  boolean run(Supplier<IRunner> runner) {
    if (future.isDone()) {
      return true;
    }
    try {
      finish(generate(runner.get()));
    } catch (ExecuTorchException e) {
      fail(e);
      return false;
    } catch (Throwable e) { // whatever it is, its request must hear of it
      fail(e);
    }
    return true;
  }

  private void succeed(GenerationResult result) {
    onDone.accept(this);
    future.complete(result);
  }

  private void fail(Throwable failure) {
    onDone.accept(this);
    future.completeExceptionally(failure);
  }

  private GenerationResult generate(IRunner runner) {
    request.requireContent();
    if (request.timeLimit() != null) {
      cancellation.cancelAfter(request.timeLimit());
    }
    runner.reset();
    waited = Duration.ofNanos(System.nanoTime() - queuedNanos);
    return runner.generate(request.inputs(), request.config(), request.onText(), cancellation);
  }

  private void finish(GenerationResult result) {
    if (result.finishReason() != FinishReason.CANCELLED) {
      succeed(result.withStats(result.stats().withEngine(waited, 0)));
    } else if (cancellation.isTimedOut()) {
      fail(request.timedOut(result.stats().numPromptTokens(), result.tokens().size()));
    } else {
      fail(new CancellationException("Request " + request.id() + " was cancelled"));
    }
  }
}
