package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PagePoolTest {
  private static final long ROOT = PrefixCache.ROOT;
  private static final long[] POSITIONS = LongStream.range(0, 64).toArray();

  private final PagePool pool = new PagePool(4, 16, true);

  @Test
  void shouldGiveOutEachPageOnce() {
    Set<Integer> pages = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      pages.add(pool.take());
    }

    assertThat(pages).containsExactlyInAnyOrder(0, 1, 2, 3);
    assertThat(pool.available()).isZero();
    assertThat(pool.used()).isEqualTo(4);
  }

  @Test
  void shouldTakeBackWhatNobodyUses() {
    int page = pool.take();

    pool.release(page);

    assertThat(pool.used()).isZero();
    assertThat(pool.idle()).isZero();
    assertThat(pool.available()).isEqualTo(4);
  }

  @Test
  void shouldKeepAPublishedPageUntilItsPlaceIsNeeded() {
    int page = pool.take();
    pool.publish(page, ROOT, POSITIONS, 0);
    pool.release(page);
    assertThat(pool.idle()).isOne();
    assertThat(pool.used()).isZero();
    for (int i = 0; i < 3; i++) {
      assertThat(pool.take()).isNotEqualTo(page);
    }
    assertThat(pool.available()).isOne();

    assertThat(pool.take()).isEqualTo(page);

    assertThat(pool.share(ROOT, POSITIONS, 0)).isNull();
    assertThat(pool.idle()).isZero();
  }

  @Test
  void shouldShareAPageUntilItsLastUserIsGone() {
    int page = pool.take();
    pool.publish(page, ROOT, POSITIONS, 0);

    assertThat(pool.share(ROOT, POSITIONS, 0).page()).isEqualTo(page);
    assertThat(pool.used()).isOne();
    pool.release(page);
    assertThat(pool.used()).isOne();
    pool.release(page);

    assertThat(pool.used()).isZero();
    assertThat(pool.idle()).isOne();
    assertThat(pool.share(ROOT, POSITIONS, 0).page()).isEqualTo(page);
    assertThat(pool.used()).isOne();
    assertThat(pool.idle()).isZero();
  }

  @Test
  void shouldShareOnlyWhatFollowsTheSameBeginning() {
    int page = pool.take();
    long first = pool.publish(page, ROOT, POSITIONS, 0).id();
    int next = pool.take();
    pool.publish(next, first, POSITIONS, 16);

    assertThat(pool.share(first, POSITIONS, 16).page()).isEqualTo(next);
    assertThat(pool.share(ROOT, POSITIONS, 16)).isNull();
    assertThat(pool.share(first, POSITIONS, 0)).isNull();
  }

  @Test
  void shouldContinueWithThePageThatWasFirst() {
    int first = pool.take();
    int second = pool.take();
    PrefixCache.Entry entry = pool.publish(first, ROOT, POSITIONS, 0);

    assertThat(pool.publish(second, ROOT, POSITIONS, 0)).isEqualTo(entry);

    pool.release(second);
    assertThat(pool.idle()).isZero(); // it was nobody else's
    assertThat(pool.available()).isEqualTo(3);
  }

  @Test
  void shouldForgetAPageThatWasNeverFilled() {
    int page = pool.take();
    pool.publish(page, ROOT, POSITIONS, 0);

    pool.withdraw(page);

    assertThat(pool.share(ROOT, POSITIONS, 0)).isNull();
    pool.release(page);
    assertThat(pool.idle()).isZero();
    assertThat(pool.available()).isEqualTo(4);
  }

  @Test
  void shouldShareNothingWithoutACache() {
    PagePool plain = new PagePool(4, 16, false);
    plain.publish(plain.take(), ROOT, POSITIONS, 0);

    assertThat(plain.share(ROOT, POSITIONS, 0)).isNull();
  }
}
