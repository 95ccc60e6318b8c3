package io.github.flinkexecutorch.llm.engine;

/**
 * Who uses which KV page. A page is free, or used by one or more sequences, or idle: kept by the
 * prefix cache until its place is needed.
 *
 * <p>Confined to the engine's thread.
 */
final class PagePool {
  private final int pageTokens;
  private final int[] users;
  private final int[] free;
  private int freeCount;
  private final PrefixCache cache = new PrefixCache();
  private final boolean caching;

  /**
   * @param caching whether full pages are kept for later prompts
   */
  PagePool(int pages, int pageTokens, boolean caching) {
    this.pageTokens = pageTokens;
    this.users = new int[pages];
    this.free = new int[pages];
    this.caching = caching;
    for (int page = pages - 1; page >= 0; page--) {
      free[freeCount++] = page;
    }
  }

  int pageTokens() {
    return pageTokens;
  }

  int pages() {
    return users.length;
  }

  /** Pages that {@link #take} can give out. */
  int available() {
    return freeCount + cache.idlePages();
  }

  /** Pages that sequences use. */
  int used() {
    return users.length - available();
  }

  /** Pages that hold beginnings and that no sequence uses. */
  int idle() {
    return cache.idlePages();
  }

  /** An empty page; there must be one {@link #available}. */
  int take() {
    int page = freeCount > 0 ? free[--freeCount] : cache.evict();
    users[page] = 1;
    return page;
  }

  /** One user less. */
  void release(int page) {
    if (--users[page] > 0) {
      return;
    }
    if (cache.holds(page)) {
      cache.release(page);
    } else {
      free[freeCount++] = page;
    }
  }

  /**
   * Shares the page that follows a beginning, if it is known.
   *
   * @return null if it is not
   */
  PrefixCache.Entry share(long parent, long[] positions, int from) {
    PrefixCache.Entry entry =
        caching ? cache.find(parent, positions, from, from + pageTokens) : null;
    if (entry != null && users[entry.page()]++ == 0) {
      cache.use(entry.page());
    }
    return entry;
  }

  /** Lets others share a page that is full after the step that is being made. */
  PrefixCache.Entry publish(int page, long parent, long[] positions, int from) {
    return cache.add(page, parent, positions, from, from + pageTokens);
  }

  /** Nobody shall share the page any more: the step that filled it failed. */
  void withdraw(int page) {
    cache.forget(page);
  }

  boolean isCaching() {
    return caching;
  }
}
