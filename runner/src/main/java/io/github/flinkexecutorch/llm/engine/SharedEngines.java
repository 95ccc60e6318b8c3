package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The engines that the users of this process (more exactly, of this class loader) share. The first
 * lease opens an engine, the last one closes it.
 */
final class SharedEngines {
  private static final Map<Key, Entry> ENTRIES = new HashMap<>();

  private SharedEngines() {}

  /** The engines that are leased at the moment and ready. */
  static List<LLMEngine> open() {
    synchronized (ENTRIES) {
      return ENTRIES.values().stream()
          .filter(entry -> entry.opened.isDone() && !entry.opened.isCompletedExceptionally())
          .map(entry -> entry.opened.join())
          .toList();
    }
  }

  /**
   * Leases an engine, opening it where needed, also where the one that others have could not go on.
   * Cancelling the future gives the lease back.
   *
   * @param name of the engine, if this lease opens it
   */
  static CompletableFuture<InferenceEngine> lease(
      ModelSpec spec, EngineOptions options, String name) {
    Key key = new Key(spec, options);
    Entry entry = join(key, name);
    CompletableFuture<InferenceEngine> leased = new CompletableFuture<>();
    var unused =
        entry.opened.whenComplete(
            (engine, failure) -> {
              boolean taken =
                  failure == null
                      ? leased.complete(new Lease(key, entry, engine))
                      : leased.completeExceptionally(failure);
              if (failure != null || !taken) {
                release(key, entry);
              }
            });
    return leased;
  }

  private static Entry join(Key key, String name) {
    synchronized (ENTRIES) {
      Entry entry = ENTRIES.get(key);
      if (entry == null || entry.hasEnded()) {
        entry = new Entry(LLMEngine.openAsync(key.spec, key.options, name));
        ENTRIES.put(key, entry);
      }
      entry.users++;
      return entry;
    }
  }

  private static void release(Key key, Entry entry) {
    synchronized (ENTRIES) {
      if (--entry.users > 0) {
        return;
      }
      ENTRIES.remove(key, entry);
    }
    var unused = entry.opened.thenAccept(LLMEngine::close);
  }

  private record Key(ModelSpec spec, EngineOptions options) {}

  private static final class Entry {
    private final CompletableFuture<LLMEngine> opened;
    private int users;

    private Entry(CompletableFuture<LLMEngine> opened) {
      this.opened = opened;
    }

    private boolean hasEnded() {
      return opened.isDone() && (opened.isCompletedExceptionally() || opened.join().isClosed());
    }
  }

  /** One user's share: closing it cancels the user's own requests and no others. */
  private static final class Lease implements InferenceEngine {
    private final Key key;
    private final Entry entry;
    private final LLMEngine engine;
    private final OutstandingRequests outstanding;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Lease(Key key, Entry entry, LLMEngine engine) {
      this.key = key;
      this.entry = entry;
      this.engine = engine;
      this.outstanding = new OutstandingRequests(engine.name());
    }

    @Override
    public CompletableFuture<GenerationResult> submit(GenerationRequest request) {
      return outstanding.add(engine.submit(request, this));
    }

    @Override
    public int inFlight() {
      return outstanding.size();
    }

    @Override
    public String modelDigest() {
      return engine.modelDigest();
    }

    @Override
    public long modelBytes() {
      return engine.modelBytes();
    }

    @Override
    public long nativeBytes() {
      return engine.nativeBytes();
    }

    @Override
    public boolean isClosed() {
      return closed.get() || engine.isClosed();
    }

    @Override
    public EngineStats stats() {
      return engine.stats();
    }

    /** At least 1, also of one that is closed, because what engines count is divided by it. */
    @Override
    public int sharedBy() {
      synchronized (ENTRIES) {
        return Math.max(1, entry.users);
      }
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        outstanding.close();
        release(key, entry);
      }
    }
  }
}
