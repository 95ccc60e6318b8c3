package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GenerationConfigTest {
  @ParameterizedTest
  @CsvSource({
    // maxNewTokens, seqLen, context, occupied, expected
    "-1, -1, 100, 30, 70",
    "50, -1, 100, 30, 50",
    "90, -1, 100, 30, 70",
    "-1, 60, 100, 30, 30",
    "-1, 200, 100, 30, 70",
    "10, 60, 100, 30, 10",
    "50, 60, 100, 30, 30",
    "-1, 20, 100, 30, 0",
    "-1, -1, 100, 100, 0",
  })
  void shouldResolveHowManyTokensMayBeGenerated(
      int maxNewTokens, int seqLen, int context, int occupied, int expected) {
    var config = GenerationConfig.builder().maxNewTokens(maxNewTokens).seqLen(seqLen).build();

    assertThat(config.resolveMaxNewTokens(context, occupied)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource
  void shouldRefuseAndNameWhatCannotWork(
      String field, UnaryOperator<GenerationConfig.Builder> change) {
    var builder = change.apply(GenerationConfig.builder());

    assertThatThrownBy(builder::build)
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_PARAMETER))
        .hasMessageStartingWith(field + " must be ")
        .hasMessageContaining("; got ");
  }

  static List<Arguments> shouldRefuseAndNameWhatCannotWork() {
    return List.of(
        refused("maxNewTokens", config -> config.maxNewTokens(0)),
        refused("maxNewTokens", config -> config.maxNewTokens(-2)),
        refused("seqLen", config -> config.seqLen(0)),
        refused("temperature", config -> config.temperature(-1)),
        refused("temperature", config -> config.temperature(Float.NaN)),
        refused("temperature", config -> config.temperature(Float.POSITIVE_INFINITY)),
        refused("topP", config -> config.topP(0)),
        refused("topP", config -> config.topP(2)),
        refused("topP", config -> config.topP(Float.NaN)),
        refused("topK", config -> config.topK(-1)),
        refused("numBos", config -> config.numBos(-1)),
        refused("numBos", config -> config.numBos(17)),
        refused("numEos", config -> config.numEos(Integer.MAX_VALUE)),
        refused("stopTokenIds", config -> config.stopTokenIds(List.of(3, -1))),
        refused("repetitionPenalty", config -> config.repetitionPenalty(0)),
        refused("repetitionPenalty", config -> config.repetitionPenalty(Float.NaN)),
        refused("presencePenalty", config -> config.presencePenalty(2.1f)),
        refused("frequencyPenalty", config -> config.frequencyPenalty(Float.NaN)),
        refused("logitBias", config -> config.logitBias(Map.of(-1, 1f))),
        refused("logitBias", config -> config.logitBias(Map.of(1, Float.POSITIVE_INFINITY))),
        refused("logitBias", config -> config.logitBias(Map.of(1, Float.NaN))),
        refused("stop", config -> config.stop("")),
        refused("stop", config -> config.stop("x".repeat(1025))),
        refused("stop", config -> config.stop("\ude00")),
        refused("stop", config -> config.stop(Collections.nCopies(65, "x"))));
  }

  @Test
  void shouldKeepEveryValueThroughTheBuilder() {
    var config =
        new GenerationConfig(
            5,
            6,
            0.7f,
            0.8f,
            9,
            10,
            true,
            true,
            List.of(11),
            2,
            3,
            true,
            1.1f,
            0.5f,
            -0.5f,
            Map.of(12, -100f),
            List.of("stop"),
            true,
            "[a-z]+",
            "regex",
            ContextOverflow.TRUNCATE_MIDDLE);

    assertThat(config.toBuilder().build()).isEqualTo(config);
  }

  @Test
  void shouldRefuseAGrammarWithoutItsType() {
    assertThatThrownBy(() -> GenerationConfig.builder().grammar("", "[a-z]").build())
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("only grammar is");
  }

  private static Arguments refused(String field, UnaryOperator<GenerationConfig.Builder> change) {
    return Arguments.of(field, change);
  }
}
