package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * Lets requests through at an even rate. Those that wait take places of the operator's capacity, so
 * the source is slowed down, nothing is dropped, and checkpoints go on meanwhile. One that is
 * cancelled leaves the line, and those behind it move up.
 */
final class RateLimit implements Generator, AutoCloseable {
  private final Rate rate;
  private final Timer timer;
  private final Generator generator;
  private final Set<Waiting> line = new LinkedHashSet<>();
  private boolean timing; // whether the timer will look after the line
  private boolean closed;

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
    Waiting turn = new Waiting(request);
    if (isAtOnce(turn)) {
      return generator.generate(request);
    }
    var unused = turn.result.whenComplete((generated, failure) -> leave(turn));
    return turn.result;
  }

  /** How many wait for their turn. */
  synchronized int waiting() {
    return line.size();
  }

  /** Cancels what waits. */
  @Override
  public void close() {
    List<Waiting> left;
    synchronized (this) {
      closed = true;
      timer.close();
      left = List.copyOf(line);
    }
    left.forEach(RateLimit::end);
  }

  /** Whether it is the request's turn; if not, it is in the line. */
  private boolean isAtOnce(Waiting turn) {
    synchronized (this) {
      if (!closed) {
        long wait = line.isEmpty() ? rate.takeTurn(timer.nanoTime(), false) : 1;
        if (wait > 0) {
          line.add(turn);
          lookAfter(wait);
        }
        return wait == 0;
      }
    }
    end(turn);
    return false;
  }

  private void lookAfter(long wait) {
    if (!timing) {
      timing = true;
      var unused = timer.runAfter(wait, this::startThoseWhoseTurnItIs);
    }
  }

  private void startThoseWhoseTurnItIs() {
    List<Waiting> begun = new ArrayList<>();
    synchronized (this) {
      timing = false;
      long wait = 0;
      for (Iterator<Waiting> next = line.iterator(); !closed && wait == 0 && next.hasNext(); ) {
        wait = rate.takeTurn(timer.nanoTime(), true);
        if (wait == 0) {
          begun.add(next.next());
          next.remove();
        } else {
          lookAfter(wait);
        }
      }
    }
    begun.forEach(this::start);
  }

  private void start(Waiting turn) {
    if (turn.result.isDone()) {
      return;
    }
    CompletableFuture<GenerationResult> generation;
    try {
      generation = generator.generate(turn.request);
    } catch (RuntimeException e) { // so that whoever waits hears of it
      generation = CompletableFuture.failedFuture(e);
    }
    CompletableFuture<GenerationResult> begun = generation;
    var unused =
        begun.whenComplete(
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
                begun.cancel(true);
              }
            });
  }

  private synchronized void leave(Waiting turn) {
    line.remove(turn);
  }

  private static void end(Waiting turn) {
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
