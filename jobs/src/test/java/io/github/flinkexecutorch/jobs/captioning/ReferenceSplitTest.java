package io.github.flinkexecutorch.jobs.captioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The state of the source, as it lies in checkpoints. */
class ReferenceSplitTest {
  private static final String VERSION_1 =
      "0008" // images-0
          + "696d616765732d30"
          + "0007" // /photos
          + "2f70686f746f73"
          + "0000000000000003"
          + "00000002"
          + "0005" // a.jpg
          + "612e6a7067"
          + "0008" // b/é.png
          + "622fc3a92e706e67";

  @Test
  void shouldReadWhatVersionOneWrote() throws Exception {
    ReferenceSplit split =
        ReferenceSplit.Serializer.INSTANCE.deserialize(1, HexFormat.of().parseHex(VERSION_1));

    assertThat(split.splitId()).isEqualTo("images-0");
    assertThat(split.path()).hasToString("/photos");
    assertThat(split.alreadyRead()).isEqualTo(3);
    assertThat(split.names()).containsExactly("a.jpg", "b/é.png");
  }

  @Test
  void shouldRefuseAVersionThatIsNotKnown() {
    assertThatIOException()
        .isThrownBy(() -> ReferenceSplit.Serializer.INSTANCE.deserialize(99, new byte[0]))
        .withMessageContaining("version 99");
  }
}
