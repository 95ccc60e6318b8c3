package io.github.flinkexecutorch.llm.audio;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.Seeds;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a sound. */
class AudioFuzzTest {
  private static final AudioLimits LIMITS = new AudioLimits(1L << 20, 60, 192_000, 8, 1 << 20);

  static Stream<Arguments> sounds() {
    return Seeds.in("audio", ".*\\.(wav|flac|mp3|ogg)");
  }

  @MethodSource("sounds")
  @FuzzTest
  void shouldDecodeOrRefuseAnySound(byte[] content) {
    try {
      RawAudio sound = new AudioDecoder(LIMITS).decode(content);
      assertThat(sound.nChannels()).isBetween(1, LIMITS.maxChannels());
    } catch (InvalidRequestException e) {
      assertThat(e).hasMessageNotContaining("\n");
    }
  }
}
