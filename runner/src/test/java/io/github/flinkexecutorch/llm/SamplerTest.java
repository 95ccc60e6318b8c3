package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
  private static final int DRAWS = 20_000;

  @Test
  void shouldTakeTheLowestOfEqualMaxima() {
    assertThat(new Sampler(4).sample(new float[] {1, 3, 3, 2})).isEqualTo(1);
  }

  @Test
  void shouldNotLookBeyondTheVocabulary() {
    assertThat(new Sampler(2).sample(new float[] {1, 3, 9})).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY})
  void shouldRefuseLogitsWithoutAFiniteMaximum(float value) {
    float[] logits = {value, value, value};

    assertThatThrownBy(() -> new Sampler(3).sample(logits))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContaining("finite maximum");
  }

  @Test
  void shouldSampleByProbability() {
    double[] share = shares(config().topP(1));

    assertThat(share[0]).isCloseTo(0.5, within(0.02));
    assertThat(share[1]).isCloseTo(0.3, within(0.02));
    assertThat(share[2]).isCloseTo(0.15, within(0.02));
    assertThat(share[3]).isCloseTo(0.05, within(0.02));
  }

  @Test
  void shouldSampleFromTheSmallestSetAboveTopP() {
    double[] share = shares(config().topP(0.7f));

    assertThat(share[0]).isCloseTo(0.5 / 0.8, within(0.02));
    assertThat(share[1]).isCloseTo(0.3 / 0.8, within(0.02));
    assertThat(share[2] + share[3]).isZero();
  }

  @Test
  void shouldSampleFromTheTopK() {
    double[] share = shares(config().topK(3));

    assertThat(share[0]).isCloseTo(0.5 / 0.95, within(0.02));
    assertThat(share[2]).isCloseTo(0.15 / 0.95, within(0.02));
    assertThat(share[3]).isZero();
  }

  @Test
  void shouldPreferLowerIdsOfEqualProbabilityInTheTopK() {
    float[] logits = new float[100];
    Arrays.fill(logits, 50, 100, 1);
    Sampler sampler = new Sampler(100);
    sampler.start(config().topK(2).build());

    for (int i = 0; i < 100; i++) {
      assertThat(sampler.sample(logits)).isIn(50, 51);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {1e-9f, 0.5f, 1})
  void shouldAlwaysFindATokenAmongEquals(float topP) {
    Sampler sampler = new Sampler(1000);
    sampler.start(config().topP(topP).build());

    for (int i = 0; i < 1000; i++) {
      assertThat(sampler.sample(new float[1000])).isBetween(0, 999);
    }
  }

  @Test
  void shouldTakeTheLikeliestAtTemperaturesTooSmallToDivideBy() {
    Sampler sampler = new Sampler(3);
    sampler.start(config().temperature(Float.MIN_VALUE).build());

    assertThat(sampler.sample(new float[] {0, 1, 0.5f})).isEqualTo(1);
  }

  @Test
  void shouldRepeatItsSequenceForTheSameSeed() {
    assertThat(draw(config().seed(7))).isEqualTo(draw(config().seed(7)));
    assertThat(draw(config().seed(7))).isNotEqualTo(draw(config().seed(8)));
    assertThat(draw(config().seed(0))).isNotEqualTo(draw(config().seed(1)));
  }

  private static GenerationConfig.Builder config() {
    return GenerationConfig.builder().temperature(1);
  }

  private static int[] draw(GenerationConfig.Builder config) {
    float[] logits = new float[4];
    double[] probabilities = {0.5, 0.3, 0.15, 0.05};
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) Math.log(probabilities[id]);
    }
    Sampler sampler = new Sampler(logits.length);
    sampler.start(config.build());
    int[] drawn = new int[DRAWS];
    Arrays.setAll(drawn, i -> sampler.sample(logits));
    return drawn;
  }

  private static double[] shares(GenerationConfig.Builder config) {
    double[] shares = new double[4];
    for (int id : draw(config)) {
      shares[id] += 1.0 / DRAWS;
    }
    return shares;
  }
}
