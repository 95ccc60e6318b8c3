package io.github.flinkexecutorch.connector;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Sees to it that a request whose native code ends the process does so twice at most: among others,
 * and then alone. Every request is noted in a journal while it is in work. Those that an ended
 * process has left in its journal run one after the other, with nothing else in work in the
 * process; one that was alone when the process ended is not tried again.
 *
 * <p>Requests come from one thread, which never waits; outcomes come on threads of the engine.
 */
final class CrashGuard implements AutoCloseable {
  /** A request in work holds one of these, one that must be alone all of them. */
  private static final int PLACES = 1 << 20;

  private static final Semaphore IN_WORK = new Semaphore(PLACES, true);

  /**
   * Held while a request is alone: the same object for all class loaders, whose jobs do not see
   * each other's places, so that a process leaves at most one request that was alone.
   */
  private static final Object ALONE = "flink-executorch: one request is alone".intern();

  private final CrashEvidence evidence;
  private final CrashJournal journal;
  private final ExecutorService line; // where those wait that cannot be in work at once
  private final AtomicInteger waiting = new AtomicInteger();

  private CrashGuard(CrashEvidence evidence, CrashJournal journal, String name) {
    this.evidence = evidence;
    this.journal = journal;
    this.line =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "llm-quarantine-" + name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * @param name for the thread on which requests wait for each other
   * @throws IllegalArgumentException if the folder cannot be used
   * @throws IOException naming the folder, if it could be used but for its disk
   */
  static CrashGuard open(Path folder, String name) throws IOException {
    JournalFolder journals = JournalFolder.of(folder);
    CrashEvidence evidence = CrashEvidence.in(journals);
    return new CrashGuard(evidence, CrashJournal.in(journals), name);
  }

  /**
   * Begins a generation, at once or when the request may be in work.
   *
   * @param modelDigest of the model that generates
   * @return completes as the generation does, or fails with a {@link NativeCrashException}.
   *     Cancelling it cancels the generation
   */
  <T> CompletableFuture<T> submit(
      InferenceRequest request, String modelDigest, Supplier<CompletableFuture<T>> generation) {
    JournalKey key = JournalKey.of(request, modelDigest);
    Optional<Path> proof = evidence.against(key);
    if (proof.isPresent()) {
      return CompletableFuture.failedFuture(new NativeCrashException(request.id(), proof.get()));
    }
    Guarded<T> guarded = new Guarded<>(key, evidence.isSuspect(key), generation);
    if (!guarded.alone && waiting.get() == 0 && hasPlace()) {
      guarded.begin();
    } else {
      waiting.incrementAndGet();
      line.execute(guarded);
    }
    return guarded.outcome;
  }

  /** Takes a place if there is one and nobody waits for it. */
  private static boolean hasPlace() {
    try {
      return IN_WORK.tryAcquire(0, TimeUnit.SECONDS); // unlike without a time, this is fair
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Cancels what waits; to be called before the engine is closed. */
  void stop() {
    line.shutdownNow().forEach(task -> ((Guarded<?>) task).cancel());
  }

  /** To be called once the engine is closed. */
  @Override
  public void close() {
    stop();
    journal.close();
  }

  /** A request on its way. */
  private final class Guarded<T> implements Runnable {
    private final JournalKey key;
    private final boolean alone;
    private final Supplier<CompletableFuture<T>> generation;
    private final CompletableFuture<T> outcome = new CompletableFuture<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    private Guarded(JournalKey key, boolean alone, Supplier<CompletableFuture<T>> generation) {
      this.key = key;
      this.alone = alone;
      this.generation = generation;
    }

    /** In the line. */
    @Override
    public void run() {
      try {
        if (alone) {
          runAlone();
        } else {
          IN_WORK.acquire();
          begin();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the subtask is closing
        cancel();
      } finally {
        waiting.decrementAndGet();
      }
    }

    private void runAlone() throws InterruptedException {
      synchronized (ALONE) {
        if (outcome.isDone()) {
          return;
        }
        IN_WORK.acquire(PLACES);
        begin();
        ended.await();
      }
    }

    /** Has its places. */
    private void begin() {
      int noted = journal.begin(key, alone);
      CompletableFuture<T> running = started();
      var unusedEnd =
          running.whenComplete(
              (result, thrown) -> {
                Throwable failure = FailureClassifier.unwrap(thrown);
                journal.end(noted);
                if (alone && !(failure instanceof CancellationException)) {
                  evidence.acquit(key);
                }
                IN_WORK.release(alone ? PLACES : 1);
                complete(result, thrown instanceof TriesExhaustedException ? thrown : failure);
                ended.countDown();
              });
      var unusedCancelling = outcome.whenComplete((result, failure) -> running.cancel(true));
    }

    private CompletableFuture<T> started() {
      try {
        return generation.get();
      } catch (RuntimeException | Error e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private void complete(T result, Throwable failure) {
      if (failure == null) {
        outcome.complete(result);
      } else {
        outcome.completeExceptionally(failure);
      }
    }

    private void cancel() {
      outcome.completeExceptionally(
          new CancellationException("Request " + key.name() + " was not finished: it is closed"));
    }
  }
}
