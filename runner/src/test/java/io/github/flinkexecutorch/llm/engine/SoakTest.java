package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * See {@link Soak}; with a fixed and resident heap, so that what grows is ours. {@code
 * -Dsoak.records=1000000} makes it as long as one likes.
 */
@Tag("native")
class SoakTest {
  /** What the JVM's own threads and code may add after a third of the records. */
  private static final int MOST_GROWTH_PERCENT = 3;

  @Test
  void shouldEndEveryRecordOnceAndKeepNothing() throws Exception {
    String records = String.valueOf(Integer.getInteger("soak.records", 10_000));
    String seed = String.valueOf(Integer.getInteger("soak.seed", 1));

    ChildJvm.Result child =
        ChildJvm.start(
                Soak.class,
                List.of(
                    "-Xms128m",
                    "-Xmx128m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlog4j2.level=OFF"),
                seed,
                records)
            .await();

    assertThat(child.exitCode()).as(child.output()).isZero();
    List<String> lines = child.output().lines().toList();
    long before = Long.parseLong(lines.get(lines.size() - 3));
    long after = Long.parseLong(lines.get(lines.size() - 2));
    assertThat(after)
        .as("KiB resident after, %d before; %s", before, child.lastLine())
        .isLessThan(before * (100 + MOST_GROWTH_PERCENT) / 100);
  }
}
