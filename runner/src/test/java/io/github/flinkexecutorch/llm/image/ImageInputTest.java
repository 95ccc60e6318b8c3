package io.github.flinkexecutorch.llm.image;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ImageInputTest {
  private static final ByteBuffer CONTENT =
      ByteBuffer.wrap(new byte[] {0, -1, 2, 3, 4, 5, 6}).limit(6).asReadOnlyBuffer();

  @Test
  void shouldReadWhatTheBufferHas() throws IOException {
    try (ImageInput input = new ImageInput(CONTENT)) {
      assertThat(input.length()).isEqualTo(6);
      assertThat(input.read()).isZero();
      assertThat(input.read()).isEqualTo(255);
      byte[] rest = new byte[10];
      assertThat(input.read(rest, 1, 0)).isZero();
      assertThat(input.read(rest, 1, 9)).isEqualTo(4);
      assertThat(rest).startsWith(0, 2, 3, 4, 5, 0);
      assertThat(input.read()).isEqualTo(-1);
      assertThat(input.read(rest)).isEqualTo(-1);
      input.seek(1);
      input.setByteOrder(LITTLE_ENDIAN);
      assertThat(input.readUnsignedShort()).isEqualTo(0x2ff);
      assertThat(input.readBits(4)).isZero();
      assertThat(input.readBits(4)).isEqualTo(3);
      assertThat(input.read()).isEqualTo(4);
    }
    assertThat(CONTENT.position()).isZero();
  }

  @Test
  void shouldStopAReaderThatGoesOnAfterTheEnd() throws IOException {
    try (ImageInput input = new ImageInput(CONTENT)) {
      input.seek(6);
      for (int i = 0; i < ImageInput.MOST_READS_AT_END; i++) {
        assertThatThrownBy(input::readByte).isInstanceOf(EOFException.class);
      }

      assertThatThrownBy(input::readByte)
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(EOFException.class)
          .hasMessage("The data ends too early");
    }
  }
}
