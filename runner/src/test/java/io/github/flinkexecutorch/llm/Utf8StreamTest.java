package io.github.flinkexecutorch.llm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Utf8StreamTest {
  private final Utf8Stream stream = new Utf8Stream();

  @Test
  void shouldGiveTheSameTextHoweverItIsCut() {
    byte[] text = "z\u00e9\u20ac\ud83d\ude00 \u05e9\u05dc".getBytes(UTF_8);
    for (int step = 1; step <= text.length; step++) {
      StringBuilder joined = new StringBuilder();
      for (int from = 0; from < text.length; from += step) {
        joined.append(
            stream.append(Arrays.copyOfRange(text, from, Math.min(from + step, text.length))));
      }
      assertThat(joined.append(stream.finish())).asString().isEqualTo(new String(text, UTF_8));
    }
  }

  @Test
  void shouldReplaceBytesThatAreNoCharacter() {
    assertThat(stream.append(new byte[] {'a', (byte) 0xff, 'b'})).isEqualTo("a\uFFFDb");
    assertThat(stream.append(new byte[] {(byte) 0xf0})).isEmpty();
    assertThat(stream.append(new byte[] {'c'})).isEqualTo("\uFFFDc");
  }

  @Test
  void shouldReplaceACutCharacterAtTheEndAndStartAfresh() {
    assertThat(stream.append(new byte[] {(byte) 0xf0, (byte) 0x9f})).isEmpty();
    assertThat(stream.finish()).isEqualTo("\uFFFD");
    assertThat(stream.append(new byte[] {'d'})).isEqualTo("d");
    assertThat(stream.finish()).isEmpty();
  }
}
