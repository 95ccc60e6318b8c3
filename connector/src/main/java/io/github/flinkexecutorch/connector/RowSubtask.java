package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.GenerationTimeoutException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.metrics.Counter;

/**
 * The model of one subtask, ready for rows. Confined to the task's thread, but for its futures,
 * which complete on threads of the engine; after {@link #close()} they never do.
 */
@Internal
public final class RowSubtask implements AutoCloseable {
  private final RowReader reader;
  private final ImageReader images; // null: rows have none
  private final SubtaskEngine engine;
  private final Outcomes outcomes;
  private final Counter skipped;
  private final Timer timer; // a JDK-wide one would keep the job's class loader
  private final Object counting = new Object();
  private volatile boolean closed;

  RowSubtask(
      RowReader reader,
      ImageReader images,
      SubtaskEngine engine,
      Outcomes outcomes,
      Counter skipped,
      Timer timer) {
    this.reader = reader;
    this.images = images;
    this.engine = engine;
    this.outcomes = outcomes;
    this.skipped = skipped;
    this.timer = timer;
  }

  /**
   * Completes a row. Its images are read before this returns, by the thread that calls.
   *
   * @param texts values of the columns of text, {@code null} for a NULL
   * @param pictures values of the columns of images, {@code null} for a NULL
   * @param limit longest time until there is an outcome, waiting included; zero for none
   * @return the outcome; fails only with what makes the engine unusable
   */
  @SuppressWarnings("FutureReturnValueIgnored") // deliver() throws nothing
  public CompletableFuture<Outcome> complete(
      List<String> texts, List<RequestImage> pictures, Duration limit) {
    long start = System.nanoTime();
    InferenceRequest read = reader.read(texts, pictures);
    InferenceRequest request = images == null ? read : images.prepare(read);
    if (request.rejection() != null) {
      return CompletableFuture.completedFuture(counted(outcomes.rejected(request)));
    }
    CompletableFuture<Answer> generation = engine.submit(request);
    CompletableFuture<Answer> limited = generation.copy();
    if (!limit.isZero()) {
      long left = Math.max(0, limit.toNanos() - (System.nanoTime() - start));
      Runnable inTime =
          timer.runAfter(left, () -> limited.completeExceptionally(new TimeoutException()));
      limited.whenComplete((generated, thrown) -> inTime.run());
    }
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    limited.whenComplete(
        (generated, thrown) -> {
          Throwable failure = thrown;
          if (FailureClassifier.unwrap(thrown) instanceof TimeoutException) {
            generation.cancel(true);
            failure = late(request, limit);
          }
          deliver(request, generated, failure, outcome);
        });
    return outcome;
  }

  /** A row that failed is dropped. */
  public void skip() {
    synchronized (counting) {
      skipped.inc();
    }
  }

  /** SHA-256 of the model's files, in hexadecimal. */
  public String modelDigest() {
    return engine.modelDigest();
  }

  /** Stops what is running. */
  @Override
  public void close() throws IOException {
    closed = true;
    timer.close();
    try {
      engine.close();
    } finally {
      if (images != null) {
        images.close();
      }
    }
  }

  private void deliver(
      InferenceRequest request,
      Answer answer,
      Throwable failure,
      CompletableFuture<Outcome> outcome) {
    if (closed) {
      return;
    }
    if (failure == null) {
      outcome.complete(counted(outcomes.completed(request, answer)));
    } else if (FailureClassifier.classify(failure) == FailureKind.FATAL) {
      outcome.completeExceptionally(FailureClassifier.unwrap(failure));
    } else {
      outcome.complete(counted(outcomes.failed(request, failure)));
    }
  }

  /** By any thread, since functions of SQL have no way back into the task's thread. */
  private Outcome counted(Outcome outcome) {
    synchronized (counting) {
      engine.counted(outcome);
    }
    return outcome;
  }

  private static GenerationTimeoutException late(InferenceRequest request, Duration limit) {
    return new GenerationTimeoutException(
        ("Row %s was not completed within %d ms, waiting included. Raise the timeout of ML_PREDICT,"
                + " or lower its max-concurrent-operations.")
            .formatted(request.id(), limit.toMillis()));
  }
}
