package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Answers of one model, so that equal requests are generated once: those that come later, and those
 * that come while the first one is still running. Requests are equal if everything is that a
 * completion depends on: the model, the prompt with its images, and the options. The seed is one of
 * these where there is a temperature; without one it changes nothing and does not count.
 *
 * <p>Keeps digests of prompts and grammars, never these. The answer that was used least recently
 * goes first. Failures are not kept, but whoever waits for the same generation has the same
 * failure. Safe for use by several threads.
 */
final class ResponseCache {
  /** An estimate: the key, the lists, the statistics and what the maps keep beside them. */
  private static final long ENTRY_BYTES = 1024;

  /** A boxed number and the reference to it. */
  private static final long NUMBER_BYTES = 20;

  private final long maxBytes;
  private final ModelVersion model;
  private final Generator generator;
  private final Map<Key, GenerationResult> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Key, Shared> running = new HashMap<>();
  private long bytes;
  private long hits;
  private long misses;

  /**
   * @param maxBytes most memory of what is kept, estimated; 0 keeps and shares nothing
   */
  ResponseCache(long maxBytes, ModelVersion model, Generator generator) {
    this.maxBytes = maxBytes;
    this.model = model;
    this.generator = generator;
  }

  /**
   * The answer to a request. Cancelling the future stops the generation, unless others wait for it.
   */
  CompletableFuture<Answer> answer(GenerationRequest request) {
    Optional<Key> key = maxBytes == 0 ? Optional.empty() : keyOf(request);
    if (key.isEmpty()) {
      Shared alone = new Shared(null);
      CompletableFuture<Answer> answer = alone.join();
      alone.generate(request);
      return answer;
    }
    return answer(request, key.get());
  }

  /** How many requests were not generated, because an equal one was. */
  synchronized long hits() {
    return hits;
  }

  /** How many had to be generated. */
  synchronized long misses() {
    return misses;
  }

  /** What the kept answers take, estimated. */
  synchronized long bytes() {
    return bytes;
  }

  private CompletableFuture<Answer> answer(GenerationRequest request, Key key) {
    CompletableFuture<Answer> answer;
    Shared begun;
    synchronized (this) {
      GenerationResult known = kept.get(key);
      if (known != null) {
        hits++;
        return CompletableFuture.completedFuture(new Answer(known, model, true));
      }
      Shared shared = running.get(key);
      if (shared != null) {
        hits++;
        return shared.join();
      }
      misses++;
      begun = new Shared(key);
      running.put(key, begun);
      answer = begun.join();
    }
    begun.generate(request);
    return answer;
  }

  private Optional<Key> keyOf(GenerationRequest request) {
    GenerationConfig config = request.config();
    GenerationConfig effective =
        config.temperature() == 0 ? config.toBuilder().seed(0).topP(1).topK(0).build() : config;
    return RequestDigest.of(model.digest(), request)
        .map(digest -> new Key(digest, RequestDigest.rest(effective)));
  }

  private void keep(Key key, GenerationResult result) {
    long added = bytesOf(result);
    if (added > maxBytes) {
      return;
    }
    GenerationResult replaced = kept.put(key, result);
    bytes += added - (replaced == null ? 0 : bytesOf(replaced));
    Iterator<GenerationResult> oldest = kept.values().iterator();
    while (bytes > maxBytes) {
      bytes -= bytesOf(oldest.next());
      oldest.remove();
    }
  }

  private static long bytesOf(GenerationResult result) {
    return ENTRY_BYTES
        + (long) Character.BYTES * result.text().length()
        + NUMBER_BYTES * (result.tokens().size() + result.logprobs().size());
  }

  /** What makes requests equal; it takes no more memory for long ones. */
  private record Key(String digest, GenerationConfig rest) {}

  /** One generation, and all who wait for it. */
  private final class Shared {
    private final Key key; // null: nobody is to share it
    private final List<Waiting> waiting = new ArrayList<>();
    private CompletableFuture<GenerationResult> generation; // null until it is begun

    Shared(Key key) {
      this.key = key;
    }

    CompletableFuture<Answer> join() {
      Waiting joined = new Waiting();
      synchronized (ResponseCache.this) {
        waiting.add(joined);
      }
      var unused =
          joined.answer.whenComplete(
              (result, failure) -> {
                if (joined.answer.isCancelled()) {
                  leave(joined);
                }
              });
      return joined.answer;
    }

    void generate(GenerationRequest request) {
      CompletableFuture<GenerationResult> begun;
      try {
        begun = generator.generate(request);
      } catch (RuntimeException e) { // so that whoever waits hears of it
        begun = CompletableFuture.failedFuture(e);
      }
      boolean unwanted;
      synchronized (ResponseCache.this) {
        generation = begun;
        unwanted = waiting.isEmpty();
      }
      if (unwanted) {
        begun.cancel(true);
      }
      var unused = begun.whenComplete(this::finish);
    }

    private void leave(Waiting left) {
      CompletableFuture<GenerationResult> unwanted = null;
      synchronized (ResponseCache.this) {
        if (waiting.remove(left) && waiting.isEmpty()) {
          running.remove(key, this);
          unwanted = generation;
        }
      }
      if (unwanted != null) {
        unwanted.cancel(true);
      }
    }

    private void finish(GenerationResult result, Throwable failure) {
      List<Waiting> all;
      synchronized (ResponseCache.this) {
        running.remove(key, this);
        if (key != null && failure == null) {
          keep(key, result);
        }
        all = List.copyOf(waiting);
        waiting.clear();
      }
      for (int i = 0; i < all.size(); i++) {
        if (failure == null) {
          all.get(i).answer.complete(new Answer(result, model, i > 0));
        } else {
          all.get(i).answer.completeExceptionally(failure);
        }
      }
    }
  }

  /** Somebody who waits. */
  private static final class Waiting {
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
  }
}
