package io.github.flinkexecutorch.llm;

import static io.github.flinkexecutorch.llm.FakeMultimodalModule.PIXEL;
import static io.github.flinkexecutorch.llm.MultimodalInput.makeAudioInput;
import static io.github.flinkexecutorch.llm.MultimodalInput.makeImageInput;
import static io.github.flinkexecutorch.llm.MultimodalInput.makeTextInput;
import static io.github.flinkexecutorch.llm.MultimodalInput.makeTokenInput;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.audio.Audio;
import io.github.flinkexecutorch.llm.audio.RawAudio;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.runtime.EValue;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultimodalRunnerTest {
  private static final GenerationConfig TWO =
      GenerationConfig.greedy().toBuilder().maxNewTokens(2).build();

  @Test
  void shouldFeedInputsOfAllKindsInTheirOrder() {
    var module = FakeMultimodalModule.repeating('x');

    var result = generate(module, image(7, 8), makeTextInput("ab"), image(9), makeTokenInput(5));

    assertThat(result.text()).isEqualTo("xx");
    assertThat(result.stats().numPromptTokens()).isEqualTo(2 + 2 + 1 + 1);
    assertThat(module.executions())
        .containsExactly(
            List.of(PIXEL + 7, PIXEL + 8),
            List.of((int) 'a', (int) 'b'),
            List.of(PIXEL + 9),
            List.of(5),
            List.of((int) 'x'));
  }

  @Test
  void shouldCutTextAndImagesIntoChunksThatTheDecoderTakes() {
    var module = FakeMultimodalModule.repeating('x').maxTokens(1);

    generate(module, image(7, 8), makeTextInput("ab"));

    assertThat(module.executions())
        .startsWith(List.of(PIXEL + 7), List.of(PIXEL + 8), List.of((int) 'a'), List.of((int) 'b'));
  }

  @Test
  void shouldContinueTheConversation() {
    var module = FakeMultimodalModule.repeating('x');
    var runner = new MultimodalRunner(module, new FakeTokenizer());

    runner.generate(List.of(image(7)), TWO, text -> {}, stats -> {});
    runner.generate("b", TWO);
    runner.reset();
    runner.generate("c", TWO);

    assertThat(module.executions())
        .containsExactly(
            List.of(PIXEL + 7),
            List.of((int) 'x'),
            List.of((int) 'b'),
            List.of((int) 'x'),
            List.of((int) 'c'),
            List.of((int) 'x'));
  }

  @Test
  void shouldRefuseImagesThatTheEncoderDoesNotTake() {
    refused(makeImageInput(Image.ofFloats(new float[2], 2, 1, 1)), "vision_encoder takes BYTE");
    refused(makeImageInput(Image.ofBytes(new byte[3], 3, 1, 1)), "at most [1, 1, 1, 2]");
    refused(makeAudioInput(Audio.ofFloats(new float[1], 1, 1, 1)), "no method audio_encoder");
    refused(
        MultimodalInput.makeRawAudioInput(RawAudio.mono(new float[1], 8000)), "AudioPreprocessor");
  }

  @Test
  void shouldRefuseImagesForATextModel() {
    var runner = new TextLLMRunner(FakeModule.repeating('x'), new FakeTokenizer());

    assertThatThrownBy(() -> runner.generate(List.of(image(1)), TWO, text -> {}, stats -> {}))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED_INPUT));
  }

  @Test
  void shouldRefuseAProgramWithoutItsMethods() {
    for (String method : List.of("token_embedding", "text_decoder")) {
      var module = FakeMultimodalModule.repeating('x').without(method);

      assertThatThrownBy(() -> new MultimodalRunner(module, new FakeTokenizer()).load())
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("no method " + method);
    }
  }

  @Test
  void shouldRefuseAPromptBeyondTheContext() {
    var module = FakeMultimodalModule.repeating('x').constant("get_max_context_len", EValue.of(3));

    assertThatThrownBy(() -> generate(module, image(1, 2), makeTextInput("ab")))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.CONTEXT_OVERFLOW))
        .hasMessageStartingWith("Prompt of 4 tokens does not fit");
    assertThat(module.executions()).isEmpty();
  }

  private static void refused(MultimodalInput input, String part) {
    assertThatThrownBy(() -> generate(FakeMultimodalModule.repeating('x'), input))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED_INPUT))
        .hasMessageContaining(part);
  }

  private static MultimodalInput image(int... pixels) {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) pixels[i];
    }
    return makeImageInput(Image.ofBytes(bytes, bytes.length, 1, 1));
  }

  private static GenerationResult generate(FakeMultimodalModule module, MultimodalInput... inputs) {
    return new MultimodalRunner(module, new FakeTokenizer())
        .generate(List.of(inputs), TWO, text -> {}, new Cancellation());
  }
}
