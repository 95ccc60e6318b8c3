package io.github.flinkexecutorch.jobs.gallery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkexecutorch.jobs.gallery.RunFigures.Progress;
import io.github.flinkexecutorch.jobs.gallery.Throughput.Step;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThroughputTest {
  @Test
  void shouldBeRateOfEachStep() {
    assertThat(Throughput.of(List.of(new Progress(1, 4), new Progress(2, 10), new Progress(3, 10))))
        .containsExactly(new Step(1, 4), new Step(2, 6), new Step(3, 0));
  }

  @Test
  void shouldShareUnevenTimesEvenly() {
    assertThat(Throughput.of(List.of(new Progress(1, 0), new Progress(4, 12))))
        .containsExactly(new Step(2, 2), new Step(4, 4));
  }

  @Test
  void shouldHaveAtMostSixtyStepsThatSumToAllImages() {
    List<Progress> progress =
        IntStream.rangeClosed(1, 1000).mapToObj(i -> new Progress(i * 0.5, i * (long) i)).toList();

    List<Step> steps = Throughput.of(progress);

    assertThat(steps).hasSize(60);
    double length = steps.get(0).seconds();
    assertThat(steps.stream().mapToDouble(step -> step.imagesPerSecond() * length).sum())
        .isCloseTo(1_000_000, within(1e-6));
  }

  @Test
  void shouldBeNothingWithoutTime() {
    assertThat(Throughput.of(List.of())).isEmpty();
    assertThat(Throughput.of(List.of(new Progress(0, 3)))).isEmpty();
    assertThat(Throughput.of(List.of(new Progress(2, 3), new Progress(2, 4)))).hasSize(2);
  }
}
