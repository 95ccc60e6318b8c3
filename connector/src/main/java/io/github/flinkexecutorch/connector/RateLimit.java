package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets requests through at an even rate. Those that wait take places of the operator's capacity, so
 * the source is slowed down, nothing is dropped, and checkpoints go on meanwhile.
 */
final class RateLimit implements Generator, AutoCloseable {
  private final Rate rate;
  private final Timer timer;
  private final Generator generator;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param timer is closed with this
   */
  RateLimit(double perSecond, Timer timer, Generator generator) {
    this.rate = new Rate(perSecond);
    this.timer = timer;
    this.generator = generator;
  }

  @Override
  public CompletableFuture<GenerationResult> generate(GenerationRequest request) {
    long wait = rate.takeTurn(timer.nanoTime());
    if (wait == 0) {
      return generator.generate(request);
    }
    Waiting turn = new Waiting(request);
    waiting.add(turn);
    if (closed) {
      end(turn);
    } else {
      var unused = timer.runAfter(wait, () -> start(turn));
    }
    return turn.result;
  }

  /** How many wait for their turn. */
  int waiting() {
    return waiting.size();
  }

  /** Cancels what waits. */
  @Override
  public void close() {
    closed = true;
    timer.close();
    waiting.forEach(this::end);
  }

  private void start(Waiting turn) {
    waiting.remove(turn);
    if (turn.result.isDone()) {
      return;
    }
    CompletableFuture<GenerationResult> generation = generator.generate(turn.request);
    var unused =
        generation.whenComplete(
            (generated, failure) -> {
              if (failure == null) {
                turn.result.complete(generated);
              } else {
                turn.result.completeExceptionally(failure);
              }
            });
    var unusedToo =
        turn.result.whenComplete(
            (generated, failure) -> {
              if (turn.result.isCancelled()) {
                generation.cancel(true);
              }
            });
  }

  private void end(Waiting turn) {
    waiting.remove(turn);
    turn.result.completeExceptionally(
        new CancellationException("The request was not begun: the subtask was closed."));
  }

  /** A request that waits for its turn. */
  private static final class Waiting {
    private final GenerationRequest request;
    private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();

    Waiting(GenerationRequest request) {
      this.request = request;
    }
  }
}
