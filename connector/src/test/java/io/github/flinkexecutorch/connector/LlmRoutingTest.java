package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LlmRoutingTest {

  /** The results of one model would have the uid of the other one. */
  @ParameterizedTest
  @ValueSource(strings = {"first results", "first small small-results", "first a-results b a"})
  void shouldRefuseNamesThatGiveTwoOperatorsOneUid(String names) {
    assertThatThrownBy(() -> routing(names))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("results");
  }

  /** The first one's operators are not named after it. */
  @ParameterizedTest
  @ValueSource(strings = {"results", "results small", "small small-results", "a b-results"})
  void shouldTakeNamesThatOnlyLookSo(String names) {
    assertThatCode(() -> routing(names)).doesNotThrowAnyException();
  }

  private static void routing(String names) {
    LlmRouting.Builder routing = LlmRouting.builder();
    for (String name : List.of(names.split(" ", -1))) {
      routing.model(
          name,
          new Configuration()
              .set(ExecuTorchOptions.MODEL_PATH, "model.pte")
              .set(ExecuTorchOptions.TOKENIZER_PATH, "tokenizer.json"));
    }
    var unused = routing.build();
  }
}
