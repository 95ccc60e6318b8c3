package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.Cancellation;
import io.github.flinkexecutorch.llm.Generation;
import io.github.flinkexecutorch.llm.GenerationResult;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One sequence of an {@link LLMEngine}: its tokens so far, the pages that hold their keys and
 * values, and the future that its caller waits for.
 *
 * <p>A position is known by a number: a token's id, or a negative number that stands for a part of
 * an image. {@link #computed()} positions are in pages; the others are pending. Only the first
 * three methods may be called from any thread; the others belong to the engine's.
 */
final class LLMSession {
  private final GenerationRequest request;
  private final Object client;
  private final long arrival;
  private final Generation generation;
  private final List<MediaSpan> media;
  private final long queuedNanos;
  private final Cancellation deadline = new Cancellation();
  private final CompletableFuture<GenerationResult> future;

  private long[] positions;
  private int length;
  private int computed;
  private int[] pages = new int[8];
  private int pageCount;
  private long chain = PrefixCache.ROOT;
  private Duration waited; // null until its work begins
  private int cachedPromptTokens;

  LLMSession(QueuedRequest queued, Generation generation, SequenceContents contents) {
    this.request = queued.request();
    this.client = queued.client();
    this.arrival = queued.arrival();
    this.queuedNanos = queued.queuedNanos();
    this.future = queued.future();
    this.generation = generation;
    this.media = contents.media();
    this.positions = contents.positions();
    this.length = contents.length();
  }

  /** Whether nobody waits for the rest. */
  boolean isDone() {
    return future.isDone();
  }

  String id() {
    return request.id();
  }

  /** Completes the future, unless that was done. */
  void fail(Throwable failure) {
    future.completeExceptionally(failure);
  }

  Object client() {
    return client;
  }

  int priority() {
    return request.priority();
  }

  /** Whether this sequence comes before another one when they compete for memory. */
  boolean outranks(LLMSession other) {
    return priority() == other.priority() ? arrival < other.arrival : priority() > other.priority();
  }

  long[] positions() {
    return positions;
  }

  List<MediaSpan> media() {
    return media;
  }

  /** Whether all of its images are encoded. */
  boolean isEncoded() {
    return media.stream().allMatch(MediaSpan::isEncoded);
  }

  int computed() {
    return computed;
  }

  int pending() {
    return length - computed;
  }

  int length() {
    return length;
  }

  int[] pages() {
    return pages;
  }

  int pageCount() {
    return pageCount;
  }

  /** Work on the sequence begins, or begins anew after it had to give its pages back. */
  void begin() {
    if (waited != null) {
      return;
    }
    waited = Duration.ofNanos(System.nanoTime() - queuedNanos);
    generation.begin();
    if (request.timeLimit() != null) {
      deadline.cancelAfter(request.timeLimit());
    }
  }

  /** Whether it must stop; its future is then complete. */
  boolean stopsNow() {
    if (isDone()) {
      return true;
    }
    if (!deadline.isTimedOut()) {
      return false;
    }
    fail(request.timedOut(Math.min(computed, generation.promptLength()), generation.size()));
    return true;
  }

  /** Takes over the pages of its beginning that others have filled. */
  void share(PagePool pool) {
    int page = pool.pageTokens();
    // At least one position is left to compute: its logits are wanted.
    while (computed % page == 0 && pending() > page) {
      PrefixCache.Entry entry = pool.share(chain, positions, computed);
      if (entry == null) {
        return;
      }
      addPage(entry.page());
      chain = entry.id();
      computed += page;
      if (isPrompt()) {
        cachedPromptTokens = computed;
      }
    }
  }

  /** Pages to take before so many more positions can be computed. */
  int pagesFor(int tokens, int pageTokens) {
    return (computed + tokens + pageTokens - 1) / pageTokens - pageCount;
  }

  void addPage(int page) {
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, 2 * pageCount);
    }
    pages[pageCount++] = page;
  }

  /**
   * Publishes the pages that the next {@code tokens} positions fill; the step that does is told.
   */
  void publish(PagePool pool, int tokens, Step step) {
    int page = pool.pageTokens();
    for (int i = computed / page; pool.isCaching() && (i + 1) * page <= computed + tokens; i++) {
      PrefixCache.Entry entry = pool.publish(pages[i], chain, positions, i * page);
      chain = entry.id();
      if (entry.page() == pages[i]) {
        step.published(pages[i]);
      }
    }
  }

  /** The next {@code tokens} positions are in pages now. */
  void computed(int tokens, long startNanos, long endNanos) {
    computed += tokens;
    generation.executed(startNanos, endNanos);
  }

  /**
   * Chooses the next token.
   *
   * @param logits the latest position's; changed
   * @return whether the sequence goes on; if not, its future is complete
   */
  boolean accept(float[] logits) {
    if (isPrompt()) {
      generation.promptEvaluated();
    }
    if (generation.accept(logits)) {
      append(generation.latest());
      return true;
    }
    GenerationResult result = generation.result();
    future.complete(result.withStats(result.stats().withEngine(waited, cachedPromptTokens)));
    return false;
  }

  /** Whether no token was chosen yet. */
  boolean isPrompt() {
    return generation.size() == 0;
  }

  /** Positions of the prompt that were found computed. */
  int cachedPromptTokens() {
    return cachedPromptTokens;
  }

  /** Gives all pages back, the last one first: beginnings are worth more than ends. */
  void release(PagePool pool) {
    while (pageCount > 0) {
      pool.release(pages[--pageCount]);
    }
    computed = 0;
    chain = PrefixCache.ROOT;
  }

  private void append(int token) {
    if (length == positions.length) {
      positions = Arrays.copyOf(positions, length + Math.max(64, length / 2));
    }
    positions[length++] = token;
  }
}
