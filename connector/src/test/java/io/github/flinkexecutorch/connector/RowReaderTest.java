package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;

class RowReaderTest {
  private final Configuration options = new Configuration();

  @Test
  void shouldTakeTheOnlyTextAsThePrompt() {
    assertThat(text("Why {{not}}?").prompt()).isEqualTo("Why {{not}}?");
  }

  @Test
  void shouldNameRowsByTheirContentAlone() {
    assertThat(text("a").id()).isEqualTo(text("a").id()).isNotEqualTo(text("b").id());
    assertThat(text("a").id()).matches("[0-9a-f]{32}");
    assertThat(image(RequestImage.ofBytes(new byte[] {1})).id())
        .isEqualTo(image(RequestImage.ofBytes(new byte[] {1})).id())
        .isNotEqualTo(image(RequestImage.ofBytes(new byte[] {2})).id());
    assertThat(image(RequestImage.ofReference("a")).id())
        .isNotEqualTo(image(RequestImage.ofReference("b")).id());
  }

  @Test
  void shouldFillTheTemplateFromTheColumns() {
    options.set(ExecuTorchOptions.PROMPT_TEMPLATE, "{{tail}} after {{head}}");
    RowReader reader = new RowReader(options, List.of("head", "tail"), List.of());

    assertThat(reader.read(List.of("one", "two"), List.of()).prompt()).isEqualTo("two after one");
  }

  @Test
  void shouldTakeThePromptOfImagesFromTheOptions() {
    assertThat(image(RequestImage.ofReference("a")).prompt()).isEmpty();
    options.set(ExecuTorchOptions.IMAGE_PROMPT, "What?");
    assertThat(image(RequestImage.ofReference("a")).prompt()).isEqualTo("What?");
    RowReader reader = new RowReader(options, List.of("prompt"), List.of("image"));
    InferenceRequest withoutText = reader.read(nulls(1), List.of(RequestImage.ofReference("a")));
    assertThat(withoutText.prompt()).isEqualTo("What?");
    assertThat(withoutText.fields()).as("of the record").isEmpty();
  }

  @Test
  void shouldRejectWhatIsMissingOrTooLarge() {
    assertThat(text(null).rejection().kind()).isEqualTo(FailureKind.MISSING_FIELD);
    assertThat(text(" ").rejection().kind()).isEqualTo(FailureKind.EMPTY_PROMPT);
    assertThat(image(null).rejection().message()).isEqualTo("Column 'image' is NULL in the row.");
    options.set(ExecuTorchOptions.MAX_RECORD_SIZE, new MemorySize(4));
    assertThat(text("\u00e9\u00e9").prompt()).hasSize(2);
    assertThat(text("\u00e9\u00e9\u00e9").rejection().kind()).isEqualTo(FailureKind.TOO_LARGE);
  }

  private InferenceRequest text(String text) {
    return new RowReader(options, List.of("x"), List.of()).read(Arrays.asList(text), List.of());
  }

  private InferenceRequest image(RequestImage image) {
    return new RowReader(options, List.of(), List.of("image"))
        .read(List.of(), Arrays.asList(image));
  }

  private static List<String> nulls(int count) {
    return Arrays.asList(new String[count]);
  }
}
