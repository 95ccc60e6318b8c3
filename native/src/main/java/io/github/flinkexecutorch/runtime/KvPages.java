package io.github.flinkexecutorch.runtime;

import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Native memory for the keys and values of many sequences, in pages of a few tokens over all layers
 * of a model. A {@link PagedStep} says which page belongs to which sequence; who gives pages to
 * sequences is the caller's business, and several sequences may read the same page.
 *
 * <p>Used by one thread at a time, with any number of methods. Allocated once; the system provides
 * memory as pages are first written. Whoever allocates closes.
 */
public final class KvPages implements AutoCloseable {
  /**
   * What a page holds.
   *
   * @param layers attention layers of the model
   * @param kvHeads key/value heads of a layer
   * @param headSize elements of one key or value
   * @param pageTokens tokens of a page, 16 or 32
   * @param type how an element is held
   */
  public record Shape(int layers, int kvHeads, int headSize, int pageTokens, KvType type) {
    private static final Set<Integer> PAGE_TOKENS = Set.of(16, 32);
    private static final int MOST = 1 << 16; // of anything: keeps the products in range

    public Shape {
      if (layers < 1 || kvHeads < 1 || headSize < 1 || Math.max(layers, kvHeads) > MOST) {
        throw new IllegalArgumentException(
            "KV pages need layers, heads and a head size from 1 to %d, got %d, %d and %d"
                .formatted(MOST, layers, kvHeads, headSize));
      }
      if (headSize > MOST || !PAGE_TOKENS.contains(pageTokens) || type == null) {
        throw new IllegalArgumentException(
            "KV pages need heads of at most %d elements, pages of 16 or 32 tokens and a type, got %d, %d and %s"
                .formatted(MOST, headSize, pageTokens, type));
      }
    }

    /** Bytes of one page: keys and values of all layers and heads, with their scales. */
    public long pageBytes() {
      return Math.multiplyExact(
          Math.multiplyExact(2L * layers * kvHeads, (long) pageTokens), type.vectorBytes(headSize));
    }
  }

  private final Shape shape;
  private final int pages;
  private final long bytes;
  private final long handle;
  private final AtomicReference<Thread> user = new AtomicReference<>();
  private boolean closed;

  private KvPages(Shape shape, int pages, long[] allocated) {
    this.shape = shape;
    this.pages = pages;
    this.handle = allocated[0];
    this.bytes = allocated[1];
  }

  /**
   * Allocates pages, numbered from 0 on.
   *
   * @throws ExecuTorchException {@link ErrorCode#MEMORY_ALLOCATION_FAILED} if the system has no
   *     room for them
   */
  public static KvPages allocate(Shape shape, int pages) {
    if (pages < 1) {
      throw new IllegalArgumentException("There must be at least one KV page, got " + pages);
    }
    Native.require();
    long[] allocated = new long[2];
    int status =
        NativeBridge.et_pages_allocate(
            shape.layers(),
            shape.kvHeads(),
            shape.headSize(),
            shape.pageTokens(),
            shape.type().code(),
            pages,
            allocated);
    Native.check(
        status, "Cannot allocate " + pages + " KV pages of " + shape.pageBytes() + " bytes");
    return new KvPages(shape, pages, allocated);
  }

  public Shape shape() {
    return shape;
  }

  public int pages() {
    return pages;
  }

  /** Native memory of all pages. */
  public long bytes() {
    return bytes;
  }

  /** Executes a method of the bridge over these pages; its status. */
  int execute(long method, PagedStep step) {
    enter();
    try {
      return NativeBridge.et_method_execute_paged(method, handle, step.address(), step.words());
    } finally {
      user.set(null);
    }
  }

  /**
   * Frees the memory.
   *
   * @throws IllegalStateException if another thread executes over these pages
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    enter();
    try {
      closed = true;
      NativeBridge.et_pages_free(handle);
    } finally {
      user.set(null);
    }
  }

  private void enter() {
    Thread other = user.compareAndExchange(null, Thread.currentThread());
    if (other != null) {
      throw new IllegalStateException(
          "KV pages are in use by thread " + other.getName() + "; they serve one thread at a time");
    }
    if (closed) {
      user.set(null);
      throw new IllegalStateException("KV pages are closed");
    }
  }
}
