package io.github.flinkexecutorch.llm.engine;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which full pages hold the keys and values of which beginnings. A page is known by its own
 * positions and by the page before it, so equal entries stand for equal beginnings, never only for
 * equal hashes.
 *
 * <p>Confined to the engine's thread.
 */
final class PrefixCache {
  /** Stands before the first page of every sequence. */
  static final long ROOT = 0;

  private final Map<Key, Entry> entries = new HashMap<>();
  private final Map<Integer, Entry> byPage = new HashMap<>();

  /** Cached pages that no sequence uses, the one that was given up longest ago first. */
  private final Map<Integer, Entry> idle = new LinkedHashMap<>();

  private long nextId = ROOT + 1;

  /** A cached page; its id names the beginning that ends with it. */
  record Entry(long id, int page, Key key) {}

  /** The page that follows the beginning {@code parent} with these positions, or null. */
  Entry find(long parent, long[] positions, int from, int to) {
    return entries.get(new Key(parent, positions, from, to));
  }

  /**
   * Remembers a page that is full after the step that is being made.
   *
   * @return its entry, or that of another page with the same beginning, which is then to be
   *     continued instead
   */
  Entry add(int page, long parent, long[] positions, int from, int to) {
    Key key = new Key(parent, positions, from, to);
    Entry known = entries.get(key);
    if (known != null) {
      return known;
    }
    Entry entry = new Entry(nextId++, page, key);
    entries.put(key, entry);
    byPage.put(page, entry);
    return entry;
  }

  boolean holds(int page) {
    return byPage.containsKey(page);
  }

  /** No sequence uses the cached page any more. */
  void release(int page) {
    idle.put(page, byPage.get(page));
  }

  /** A sequence uses the cached page again. */
  void use(int page) {
    idle.remove(page);
  }

  /** Pages that {@link #evict} can give back. */
  int idlePages() {
    return idle.size();
  }

  /** Forgets the cached page that nobody has used for longest. */
  int evict() {
    int page = idle.keySet().iterator().next();
    forget(page);
    return page;
  }

  /** Forgets a page, whose contents cannot be relied on. */
  void forget(int page) {
    idle.remove(page);
    Entry entry = byPage.remove(page);
    if (entry != null) {
      entries.remove(entry.key());
    }
  }

  /** Compares positions by content, and remembers their hash. */
  static final class Key {
    private final long parent;
    private final long[] positions;
    private final int hash;

    Key(long parent, long[] positions, int from, int to) {
      this.parent = parent;
      this.positions = Arrays.copyOfRange(positions, from, to);
      this.hash = 31 * Long.hashCode(parent) + Arrays.hashCode(this.positions);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && key.hash == hash
          && key.parent == parent
          && Arrays.equals(key.positions, positions);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
