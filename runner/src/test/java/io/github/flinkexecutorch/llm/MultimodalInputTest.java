package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.audio.Audio;
import io.github.flinkexecutorch.llm.audio.RawAudio;
import io.github.flinkexecutorch.llm.image.Image;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class MultimodalInputTest {
  private static final Image IMAGE = Image.ofBytes(new byte[12], 2, 2, 3);
  private static final Audio AUDIO = Audio.ofFloats(new float[6], 1, 2, 3);
  private static final RawAudio RAW = RawAudio.mono(new float[5], 16_000);

  private static final List<MultimodalInput> ALL =
      List.of(
          MultimodalInput.makeTextInput("hello"),
          MultimodalInput.makeTokenInput(1, 2),
          MultimodalInput.makeImageInput(IMAGE),
          MultimodalInput.makeAudioInput(AUDIO),
          MultimodalInput.makeRawAudioInput(RAW));

  private static final List<Predicate<MultimodalInput>> TESTS =
      List.of(
          MultimodalInput::isText,
          MultimodalInput::isTokens,
          MultimodalInput::isImage,
          MultimodalInput::isAudio,
          MultimodalInput::isRawAudio);

  private static final List<Function<MultimodalInput, Object>> GETTERS =
      List.of(
          MultimodalInput::getText,
          MultimodalInput::getTokens,
          MultimodalInput::getImage,
          MultimodalInput::getAudio,
          MultimodalInput::getRawAudio);

  @Test
  void shouldBeOfOneKindOnly() {
    for (int kind = 0; kind < ALL.size(); kind++) {
      for (int other = 0; other < ALL.size(); other++) {
        MultimodalInput input = ALL.get(kind);
        assertThat(TESTS.get(other).test(input)).isEqualTo(kind == other);
        if (kind == other) {
          assertThat(GETTERS.get(other).apply(input)).isNotNull();
        } else {
          Function<MultimodalInput, Object> getter = GETTERS.get(other);
          assertThatThrownBy(() -> getter.apply(input))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("The input is " + input.typeName());
        }
      }
    }
  }

  @Test
  void shouldBeEmptyOfOtherKinds() {
    MultimodalInput image = MultimodalInput.makeImageInput(IMAGE);

    assertThat(image.tryGetImage()).containsSame(IMAGE);
    assertThat(image.tryGetText()).isEmpty();
    assertThat(image.tryGetTokens()).isEmpty();
    assertThat(image.tryGetAudio()).isEmpty();
    assertThat(image.tryGetRawAudio()).isEmpty();
  }

  @Test
  void shouldNeverPrintItsContent() {
    assertThat(ALL.stream().map(MultimodalInput::toString))
        .containsExactly(
            "text of 5 characters",
            "2 tokens",
            "uint8 image [3, 2, 2]",
            "float audio features [1, 2, 3]",
            "raw audio [1, 1, 5] at 16000 Hz");
  }

  @Test
  void shouldMakeTensorsOfImagesAndAudio() {
    assertThat(IMAGE.toTensor(true)).hasToString("BYTE[1, 3, 2, 2]");
    assertThat(Image.ofFloats(new float[12], 2, 2, 3).toTensor(false))
        .hasToString("FLOAT[3, 2, 2]");
    assertThat(AUDIO.toTensor()).hasToString("FLOAT[1, 2, 3]");
  }

  @Test
  void shouldRefuseSizesThatDoNotFitTheData() {
    assertThatThrownBy(() -> Image.ofFloats(new float[12], 1 << 16, 1 << 16, 3))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> Audio.ofFloats(new float[6], 1, 2, 4))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> RawAudio.mono(new float[0], 16_000))
        .isInstanceOf(InvalidRequestException.class);
  }
}
