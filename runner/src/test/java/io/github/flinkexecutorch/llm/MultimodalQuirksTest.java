package io.github.flinkexecutorch.llm;

import static io.github.flinkexecutorch.llm.Compatibility.FIXED;
import static io.github.flinkexecutorch.llm.Compatibility.UPSTREAM;
import static io.github.flinkexecutorch.llm.FakeMultimodalModule.PIXEL;
import static io.github.flinkexecutorch.llm.FakeTokenizer.BOS;
import static io.github.flinkexecutorch.llm.MultimodalInput.makeImageInput;
import static io.github.flinkexecutorch.llm.MultimodalInput.makeTextInput;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.runtime.EValue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Multimodal runners: both answers to each quirk. */
class MultimodalQuirksTest {
  private static final GenerationConfig TWO =
      GenerationConfig.greedy().toBuilder().maxNewTokens(2).build();
  private static final MultimodalInput IMAGE =
      makeImageInput(Image.ofBytes(new byte[] {1, 2}, 2, 1, 1));

  @Test
  @Shows(Quirk.MULTIMODAL_CONTINUES_NOTHING)
  void shouldContinueFromWhatWasPrefilled() {
    var fixed = runner(FIXED, FakeMultimodalModule.repeating('x'));
    fixed.prefill(List.of(IMAGE), TWO);
    assertThat(fixed.generate("", TWO).text()).isEqualTo("xx");

    var upstream = runner(UPSTREAM, FakeMultimodalModule.repeating('x'));
    upstream.prefill(List.of(IMAGE), TWO);
    assertThatThrownBy(() -> upstream.generate("", TWO))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("empty");
  }

  @Test
  @Shows(Quirk.MULTIMODAL_BOS_ONCE)
  void shouldPutBosInFrontOfEachPromptThatAsksForIt() {
    var config = TWO.toBuilder().numBos(1).maxNewTokens(1).build();

    var fixed = FakeMultimodalModule.repeating('x');
    generateTwice(runner(FIXED, fixed), config);
    assertThat(fixed.executions())
        .containsExactly(List.of(BOS), List.of(PIXEL + 1, PIXEL + 2), List.of(BOS, (int) 'a'));

    var upstream = FakeMultimodalModule.repeating('x');
    generateTwice(runner(UPSTREAM, upstream), config);
    assertThat(upstream.executions())
        .containsExactly(List.of(PIXEL + 1, PIXEL + 2), List.of((int) 'a'));

    var prefilled = FakeMultimodalModule.repeating('x');
    runner(UPSTREAM, prefilled).prefill(List.of(IMAGE), config);
    assertThat(prefilled.executions()).containsExactly(List.of(BOS), List.of(PIXEL + 1, PIXEL + 2));
  }

  @Test
  @Shows(Quirk.MULTIMODAL_ECHOES_THE_LAST)
  void shouldEchoEveryText() {
    var inputs = List.of(makeTextInput("a"), IMAGE, makeTextInput("b"));

    assertThat(echoed(FIXED, inputs)).isEqualTo("ab");
    assertThat(echoed(UPSTREAM, inputs)).isEqualTo("b");
    assertThat(echoed(FIXED, List.of(makeTextInput("a"), IMAGE))).isEqualTo("a");
    assertThat(echoed(UPSTREAM, List.of(makeTextInput("a"), IMAGE))).isEmpty();
  }

  @Test
  @Shows(Quirk.MULTIMODAL_CONTEXT_IS_UNCHECKED)
  void shouldCheckTheContextBeforeTheDecoderRuns() {
    var fixed = short4();
    assertThatThrownBy(
            () -> runner(FIXED, fixed).generate(inputs("abc"), TWO, text -> {}, stats -> {}))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("context is 4");
    assertThat(fixed.executions()).isEmpty();

    var upstream = short4();
    assertThatThrownBy(
            () -> runner(UPSTREAM, upstream).generate(inputs("abc"), TWO, text -> {}, stats -> {}))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(upstream.executions()).hasSize(2);
  }

  @Test
  @Shows(Quirk.MULTIMODAL_PROMPT_IS_CUMULATIVE)
  void shouldCountThePromptAlone() {
    assertThat(secondTurn(FIXED).numPromptTokens()).isEqualTo(1);
    assertThat(secondTurn(UPSTREAM).numPromptTokens()).isEqualTo(3 + 1 + 1);
  }

  @Test
  @Shows(Quirk.MULTIMODAL_EXECUTIONS_ARE_NOT_STAMPED)
  void shouldStampExecutions() {
    assertThat(secondTurn(FIXED).modelExecutionEndMs()).isPositive();
    assertThat(secondTurn(UPSTREAM).modelExecutionEndMs()).isZero();
    assertThat(secondTurn(UPSTREAM).aggregateModelExecutionTimeMs()).isZero();
  }

  private static FakeMultimodalModule short4() {
    return FakeMultimodalModule.repeating('x').constant("get_max_context_len", EValue.of(4));
  }

  private static List<MultimodalInput> inputs(String text) {
    return List.of(IMAGE, makeTextInput(text));
  }

  private static void generateTwice(MultimodalRunner runner, GenerationConfig config) {
    runner.generate(List.of(IMAGE), config, text -> {}, stats -> {});
    runner.generate("a", config);
  }

  private static Stats secondTurn(Compatibility mode) {
    var runner = runner(mode, FakeMultimodalModule.repeating('x'));
    runner.generate(inputs("a"), TWO, text -> {}, stats -> {}); // 3 positions, and 1 of the answer
    return runner.generate("b", TWO).stats();
  }

  private static String echoed(Compatibility mode, List<MultimodalInput> inputs) {
    var pieces = new ArrayList<String>();
    var config = TWO.toBuilder().echo(true).build();
    runner(mode, FakeMultimodalModule.repeating('x'))
        .generate(inputs, config, pieces::add, stats -> {});
    return String.join("", pieces).replace("xx", "");
  }

  private static MultimodalRunner runner(Compatibility mode, FakeMultimodalModule module) {
    return new MultimodalRunner(module, new FakeTokenizer(), mode);
  }
}
