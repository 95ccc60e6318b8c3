package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {
  private static final long ROOT = PrefixCache.ROOT;
  private static final long[] POSITIONS = LongStream.range(0, 64).toArray();

  private final PrefixCache cache = new PrefixCache();

  @Test
  void shouldFindAPageByItsContentAndTheBeginningBeforeIt() {
    PrefixCache.Entry first = cache.add(5, ROOT, POSITIONS, 0, 16);
    PrefixCache.Entry second = cache.add(6, first.id(), POSITIONS, 16, 32);

    assertThat(cache.find(ROOT, POSITIONS.clone(), 0, 16)).isEqualTo(first);
    assertThat(cache.find(first.id(), POSITIONS, 16, 32)).isEqualTo(second);
    assertThat(cache.find(second.id(), POSITIONS, 16, 32)).isNull();
  }

  @Test
  void shouldTellContentsOfTheSameHashApart() {
    long[] one = {0, 31};
    long[] other = {1, 0}; // 31 * 0 + 31 = 31 * 1 + 0
    assertThat(new PrefixCache.Key(ROOT, one, 0, 2).hashCode())
        .isEqualTo(new PrefixCache.Key(ROOT, other, 0, 2).hashCode());
    cache.add(1, ROOT, one, 0, 2);

    assertThat(cache.find(ROOT, other, 0, 2)).isNull();
    assertThat(cache.add(2, ROOT, other, 0, 2).page()).isEqualTo(2);
  }

  @Test
  void shouldNotSeeLaterChangesOfThePositions() {
    long[] positions = POSITIONS.clone();
    cache.add(1, ROOT, positions, 0, 16);

    positions[3] = 99;

    assertThat(cache.find(ROOT, positions, 0, 16)).isNull();
    assertThat(cache.find(ROOT, POSITIONS, 0, 16)).isNotNull();
  }

  @Test
  void shouldEvictThePageThatWasGivenUpLongestAgo() {
    for (int page = 0; page < 4; page++) {
      cache.add(page, ROOT, POSITIONS, page, page + 16);
      cache.release(page);
    }
    cache.use(0);
    cache.use(2);
    cache.release(0);

    assertThat(cache.idlePages()).isEqualTo(3);
    assertThat(cache.evict()).isEqualTo(1);
    assertThat(cache.evict()).isEqualTo(3);
    assertThat(cache.evict()).isEqualTo(0);
    assertThat(cache.idlePages()).isZero();
    assertThat(cache.holds(1)).isFalse();
    assertThat(cache.holds(2)).isTrue();
  }

  /** A name is given once, so nothing that followed a forgotten page is taken for its like. */
  @Test
  void shouldNeverGiveTheNameOfABeginningTwice() {
    PrefixCache.Entry first = cache.add(0, ROOT, POSITIONS, 0, 16);
    PrefixCache.Entry child = cache.add(1, first.id(), POSITIONS, 16, 32);
    cache.forget(0);

    PrefixCache.Entry again = cache.add(2, ROOT, POSITIONS, 0, 16);

    assertThat(again.id()).isNotEqualTo(first.id());
    assertThat(cache.find(again.id(), POSITIONS, 16, 32)).isNull();
    assertThat(cache.holds(child.page())).isTrue();
  }
}
