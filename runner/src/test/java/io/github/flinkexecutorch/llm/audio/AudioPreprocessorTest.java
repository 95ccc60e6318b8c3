package io.github.flinkexecutorch.llm.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.FakeModule;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.Zip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("native")
class AudioPreprocessorTest {
  private static final Map<String, byte[]> GOLDENS =
      Zip.read(AudioDecoderTest.SOUNDS.resolve("mel.zip"));
  private static final int EVERY = 20;
  private static final int WINDOW = 3000;

  @ParameterizedTest
  @CsvSource({
    "mel-80.pte,            80,   1, 1, 3000",
    "mel-80.pte,            80, 160, 1, 6000",
    "mel-128-stacked.pte,  128,   1, 1, 3000",
    "mel-128-stacked.pte,  128, 160, 2, 3000",
  })
  void shouldMakeTheFeaturesOfWhisper(
      String program, int bins, int repetitions, int batch, int frames) {
    FloatBuffer golden =
        ByteBuffer.wrap(GOLDENS.get(bins + "-" + repetitions))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();

    Audio audio;
    try (AudioPreprocessor preprocessor = open(program)) {
      audio = preprocessor.process(sound(repetitions));
    }

    assertThat(audio.toString())
        .isEqualTo("float audio features [%d, %d, %d]".formatted(batch, bins, frames));
    FloatBuffer actual = audio.toTensor().floats();
    double max = 0;
    for (int bin = 0; bin < bins; bin++) {
      for (int frame = 0; frame < batch * frames; frame += EVERY) {
        int at =
            batch == 1
                ? bin * frames + frame
                : (frame / WINDOW * bins + bin) * frames + frame % WINDOW;
        max = Math.max(max, Math.abs(actual.get(at) - golden.get()));
      }
    }
    assertThat(max).isLessThan(1e-4);
  }

  @Test
  void shouldResampleFirst() {
    try (AudioPreprocessor preprocessor = open("mel-80.pte")) {
      RawAudio stereo = new AudioDecoder().decode(AudioDecoderTest.SOUNDS.resolve("stereo.ogg"));

      assertThat(preprocessor.process(stereo).nFrames()).isEqualTo(WINDOW);
    }
  }

  @Test
  void shouldRefuseASoundThatIsLongerThanTheProgramTakes() {
    try (AudioPreprocessor preprocessor = open("mel-80.pte")) {
      RawAudio long8k = RawAudio.mono(new float[61 * 8000], 8000);

      assertThatThrownBy(() -> preprocessor.process(long8k))
          .isInstanceOfSatisfying(
              InvalidRequestException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.AUDIO_TOO_LARGE))
          .hasMessage(
              "A sound of 61.0 s is longer than the preprocessor takes, 60.0 s. Cut it, or export"
                  + " the preprocessor with a larger max_audio_len");
    }
  }

  @Test
  void shouldRefuseAProgramOfAnotherKindAndCloseIt() {
    var module = FakeModule.repeating('x');

    assertThatThrownBy(() -> new AudioPreprocessor(module))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith("The program is no audio preprocessor: expected forward(f32[N])");
    assertThat(module.isClosed()).isTrue();
  }

  private static AudioPreprocessor open(String program) {
    return AudioPreprocessor.open(AudioDecoderTest.SOUNDS.resolve(program));
  }

  /** The sound of pcm-16.wav, again and again. */
  private static RawAudio sound(int repetitions) {
    float[] once =
        new AudioDecoder().decode(AudioDecoderTest.SOUNDS.resolve("pcm-16.wav")).samples();
    float[] all = new float[once.length * repetitions];
    for (int i = 0; i < all.length; i++) {
      all[i] = once[i % once.length];
    }
    return RawAudio.mono(all, 16000);
  }
}
