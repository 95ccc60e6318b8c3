package io.github.flinkexecutorch.llm.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.Zip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResamplerTest {
  private static final Map<String, byte[]> GOLDENS =
      Zip.read(AudioDecoderTest.SOUNDS.resolve("resampled.zip"));

  static Iterable<String> rates() {
    return GOLDENS.keySet();
  }

  @ParameterizedTest
  @MethodSource("rates")
  void shouldResampleAsScipyDoes(String name) {
    String[] rates = name.split("-", 2);
    ByteBuffer golden = ByteBuffer.wrap(GOLDENS.get(name)).order(ByteOrder.LITTLE_ENDIAN);
    float[] samples = new float[golden.getInt()];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) golden.getDouble();
    }
    RawAudio audio = RawAudio.mono(samples, Integer.parseInt(rates[0]));

    RawAudio resampled = Resampler.toMono(audio, Integer.parseInt(rates[1]));

    assertThat(resampled.nSamples()).isEqualTo(golden.remaining() / Double.BYTES);
    double max = 0;
    for (float sample : resampled.samples()) {
      max = Math.max(max, Math.abs(sample - golden.getDouble()));
    }
    assertThat(max).isLessThan(1e-7); // floats of that size are as far apart
  }

  @Test
  void shouldAverageTheChannels() {
    var stereo = new RawAudio(new float[] {1, 0.5f, -1, 0, 0.25f, 1}, 1, 2, 3, 16000);

    RawAudio mono = Resampler.toMono(stereo, 16000);

    assertThat(mono.samples()).containsExactly(0.5f, 0.375f, 0);
  }

  @Test
  void shouldTakeTheSamplesAsTheyAreAtTheRateOfTheModel() {
    RawAudio mono = RawAudio.mono(new float[] {0.1f, 0.2f}, 16000);

    assertThat(Resampler.toMono(mono, 16000).samples()).isSameAs(mono.samples());
  }

  @Test
  void shouldRefuseABatch() {
    var batch = new RawAudio(new float[4], 2, 1, 2, 16000);

    assertThatThrownBy(() -> Resampler.toMono(batch, 16000))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage("One sound is needed, got a batch of 2");
  }
}
