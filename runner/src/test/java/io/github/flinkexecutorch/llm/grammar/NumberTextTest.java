package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.grammar.NumberText.Bound;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.junit.jupiter.api.Test;

class NumberTextTest {
  @Test
  void shouldHoldExactlyTheIntegersBetweenTheBounds() {
    int[] bounds = {-1000, -101, -100, -99, -12, -10, -1, 0, 1, 9, 10, 37, 99, 100, 999, 1000};
    for (int low : bounds) {
      for (int high : bounds) {
        Automaton numbers = between(true, bound(low, true), bound(high, true));
        for (int value = -1100; value <= 1100; value++) {
          assertThat(Operations.run(numbers, Integer.toString(value)))
              .as("%s <= %s <= %s", low, value, high)
              .isEqualTo(low <= value && value <= high);
        }
      }
    }
  }

  @Test
  void shouldLeaveOutTheBoundsThatAreExclusive() {
    Automaton numbers = between(true, bound(-2, false), bound(3, false));

    assertThat(List.of("-2", "-1", "0", "2", "3").stream().map(n -> Operations.run(numbers, n)))
        .containsExactly(false, true, true, true, false);
  }

  @Test
  void shouldHoldExactlyTheDecimalsBetweenTheBounds() {
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      BigDecimal low = decimal(random);
      BigDecimal high = decimal(random);
      boolean inclusive = random.nextBoolean();
      Automaton numbers = between(false, new Bound(low, inclusive), new Bound(high, inclusive));
      for (int j = 0; j < 200; j++) {
        BigDecimal value = random.nextInt(4) == 0 ? (j % 2 == 0 ? low : high) : decimal(random);
        int least = value.compareTo(low);
        int most = value.compareTo(high);
        boolean expected = inclusive ? least >= 0 && most <= 0 : least > 0 && most < 0;
        for (String text : List.of(value.toPlainString(), withZeros(value))) {
          assertThat(Operations.run(numbers, text))
              .as("%s .. %s, inclusive %s: %s", low, high, inclusive, text)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void shouldRefuseTextsThatAreNoNumbers() {
    Automaton numbers = between(false, bound(-5, true), bound(5, true));

    for (String text : List.of("", "-", "01", "1.", ".5", "+1", "1e0", "-01", "1.0.0", "00")) {
      assertThat(Operations.run(numbers, text)).as(text).isFalse();
    }
  }

  @Test
  void shouldKeepIntegersInsideALong() {
    Automaton numbers = CharacterAutomaton.of(NumberText.between(true, List.of(), List.of()));

    assertThat(Operations.run(numbers, "999999999999999999")).isTrue();
    assertThat(Operations.run(numbers, "9999999999999999999")).isFalse();
    assertThat(Operations.run(numbers, "-0")).isFalse();
  }

  @Test
  void shouldRefuseBoundsWithTooManyDigits() {
    assertThatThrownBy(() -> new Bound(new BigDecimal("1e1000000"), true))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("more than 40 digits");
  }

  private static Automaton between(boolean integer, Bound low, Bound high) {
    return CharacterAutomaton.of(NumberText.between(integer, List.of(low), List.of(high)));
  }

  private static Bound bound(int value, boolean inclusive) {
    return new Bound(BigDecimal.valueOf(value), inclusive);
  }

  private static BigDecimal decimal(Random random) {
    int scale = random.nextInt(4);
    int magnitude = new int[] {10, 100, 3000}[random.nextInt(3)];
    return BigDecimal.valueOf(random.nextInt(2 * magnitude + 1) - magnitude, scale);
  }

  private static String withZeros(BigDecimal value) {
    return value.setScale(value.scale() + 2).toPlainString();
  }
}
