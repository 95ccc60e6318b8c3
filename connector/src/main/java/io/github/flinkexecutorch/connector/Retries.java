package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Generates again what the runtime failed on. A failed execution fails all requests that are in it,
 * and most of them have done nothing wrong. The request stays the same, its seed included, and so
 * does its completion.
 *
 * <p>Second and later tries run one at a time, beside first ones: so a request that fails each time
 * cannot take another one with it more than once. Invalid requests, time limits and what makes the
 * engine unusable are not tried again. Safe for use by several threads.
 */
final class Retries implements Generator {
  private final Generator engine;
  private final BooleanSupplier ended;
  private final int maxTries;
  private final Queue<Attempt> waiting = new ArrayDeque<>();
  private boolean trying; // whether one that was waiting is in the engine
  private long retries;

  /**
   * @param ended whether the engine can never generate again
   * @param maxTries 1 to try nothing again
   */
  Retries(Generator engine, BooleanSupplier ended, int maxTries) {
    this.engine = engine;
    this.ended = ended;
    this.maxTries = maxTries;
  }

  @Override
  public CompletableFuture<GenerationResult> generate(GenerationRequest request) {
    Attempt attempt = new Attempt(request);
    attempt.run(() -> {});
    return attempt.result;
  }

  /** How many tries there were that were not the first. */
  synchronized long retries() {
    return retries;
  }

  private void failed(Attempt attempt, Throwable failure) {
    if (ended.getAsBoolean()
        && FailureClassifier.classify(failure) == FailureKind.GENERATION_FAILED) {
      CancellationException end =
          new CancellationException("The engine cannot go on: " + failure.getMessage());
      end.initCause(failure);
      attempt.result.completeExceptionally(end);
    } else if (attempt.tries < maxTries && FailureClassifier.isTransient(failure)) {
      synchronized (this) {
        waiting.add(attempt);
      }
      tryNext();
    } else {
      attempt.result.completeExceptionally(
          attempt.tries == 1 ? failure : new TriesExhaustedException(attempt.tries, failure));
    }
  }

  private void tryNext() {
    Attempt next;
    synchronized (this) {
      if (trying) {
        return;
      }
      next = waiting.poll();
      while (next != null && next.result.isDone()) { // cancelled meanwhile
        next = waiting.poll();
      }
      if (next == null) {
        return;
      }
      trying = true;
      retries++;
    }
    next.run(
        () -> {
          synchronized (this) {
            trying = false;
          }
          tryNext();
        });
  }

  /** A request on its way through one try or more. */
  private final class Attempt {
    private final GenerationRequest request;
    private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();
    private volatile CompletableFuture<GenerationResult> running;
    private int tries; // of one try after the other

    Attempt(GenerationRequest request) {
      this.request = request;
      var unused = result.whenComplete((generated, failure) -> stopIfCancelled());
    }

    /**
     * @param then what to do when this try has ended
     */
    void run(Runnable then) {
      tries++;
      CompletableFuture<GenerationResult> generation = engine.generate(request);
      running = generation;
      stopIfCancelled();
      var unused =
          generation.whenComplete(
              (generated, thrown) -> {
                if (thrown == null) {
                  result.complete(generated);
                } else {
                  failed(this, FailureClassifier.unwrap(thrown));
                }
                then.run();
              });
    }

    private void stopIfCancelled() {
      CompletableFuture<GenerationResult> current = running;
      if (result.isCancelled() && current != null) {
        current.cancel(true);
      }
    }
  }
}
