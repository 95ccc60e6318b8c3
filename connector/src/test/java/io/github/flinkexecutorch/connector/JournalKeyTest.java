package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JournalKeyTest {
  private static final RecordOrigin ORIGIN = origin(7, "{\"prompt\":\"secret\"}");

  @Test
  void shouldBeTheSameInEveryAttempt() {
    RecordOrigin again = origin(7, "{\"prompt\":\"secret\"}");

    assertThat(key(request(ORIGIN), "m")).isEqualTo(key(request(again), "m"));
    assertThat(key(request(ORIGIN), "m").name()).isEqualTo("topic-3-7");
  }

  @Test
  void shouldDifferBetweenRequests() {
    InferenceRequest text = InferenceRequest.of("a", "secret");
    List<JournalKey> keys =
        List.of(
            key(request(ORIGIN), "m"),
            key(request(ORIGIN), "another model"),
            key(request(origin(8, "{\"prompt\":\"secret\"}")), "m"),
            key(request(origin(7, "{\"prompt\":\"other\"}")), "m"),
            key(text, "m"),
            key(InferenceRequest.of("b", "secret"), "m"),
            key(InferenceRequest.of("a", "other"), "m"),
            key(
                InferenceRequest.of(
                    "a", "secret", new RequestOverrides(1f, null, null, null, null)),
                "m"),
            key(overridden(new String[] {"x", "y"}), "m"),
            key(overridden(new String[] {"x, y"}), "m"),
            key(conversation(RequestMessage.of("user", "a"), RequestMessage.of("user", "b")), "m"),
            key(conversation(new RequestMessage("user", new String[] {"a", "user", "b"})), "m"),
            key(conversation(new RequestMessage("user", new String[] {"a", null, "b"})), "m"),
            key(conversation(new RequestMessage("user", new String[] {"a", "null", "b"})), "m"),
            key(conversation(RequestMessage.of("system", "a")), "m"),
            key(conversation(RequestMessage.of("user", "a")), "m"),
            key(text.withImages(RequestImage.ofBytes(new byte[] {1})), "m"),
            key(text.withImages(RequestImage.ofReference("x")), "m"),
            key(text.withImages(RequestImage.ofPixels(new byte[3], 1, 1)), "m"));

    assertThat(keys.stream().map(JournalKey::digest)).doesNotHaveDuplicates();
  }

  @Test
  void shouldBeTheSameOfEqualMessagesAndOverrides() {
    RequestMessage message = RequestMessage.of("user", "a");

    assertThat(key(conversation(message), "m"))
        .isEqualTo(key(conversation(RequestMessage.of("user", "a")), "m"));
    assertThat(key(overridden(new String[] {"x"}), "m"))
        .isEqualTo(key(overridden(new String[] {"x"}), "m"));
  }

  @Test
  void shouldFitItsLineWhateverItsName() {
    String name = "a name\nwith breaks, ünïcode and length ".repeat(20);
    JournalKey key = new JournalKey("0123456789abcdef".repeat(2), name);

    byte[] line = JournalLine.of(JournalLine.State.ALONE, key).encoded();

    assertThat(line).hasSize(JournalLine.BYTES);
    JournalLine read = JournalLine.at(line, 0);
    assertThat(read.state()).isEqualTo(JournalLine.State.ALONE);
    assertThat(read.digest()).isEqualTo(key.digest());
    assertThat(read.name()).startsWith("a?name?with?breaks,?").hasSize(92);
    assertThat(new String(line, UTF_8).lines()).hasSize(1);
    assertThat(JournalLine.at(line, 1)).isNull();
  }

  @Test
  void shouldReadNoLineThatIsNoneOfOurs() {
    Stream.of("", " ".repeat(127) + "\n", "R ".repeat(64), "R 00 x" + " ".repeat(121) + "\n")
        .forEach(line -> assertThat(JournalLine.at(line.getBytes(UTF_8), 0)).isNull());
  }

  private static InferenceRequest conversation(RequestMessage... messages) {
    return InferenceRequest.ofMessages("a", messages);
  }

  private static InferenceRequest overridden(String[] stop) {
    RequestOverrides overrides =
        new RequestOverrides(
            null, null, null, null, null, stop, null, null, null, null, null, null, null);
    return InferenceRequest.of("a", "secret", overrides);
  }

  private static JournalKey key(InferenceRequest request, String model) {
    return JournalKey.of(request, model);
  }

  private static InferenceRequest request(RecordOrigin origin) {
    return new InferenceRequest("a", "secret", null, null, origin, null);
  }

  private static RecordOrigin origin(long offset, String value) {
    return new RecordOrigin("topic", 3, offset, 0, null, value.getBytes(UTF_8), null);
  }
}
