package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.ContextOverflow;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.PromptText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationSettingsTest {
  private static final RequestImage DOT =
      new RequestImage("a.png", null, 2, 2, new byte[12], 9, 9, null);

  @Test
  void shouldTakeWhatTheRecordDoesNotSayFromTheOptions() {
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.TEMPERATURE, 0.7f);
    options.set(ExecuTorchOptions.TOP_P, 0.8f);
    options.set(ExecuTorchOptions.TOP_K, 5);
    options.set(ExecuTorchOptions.MAX_NEW_TOKENS, 32);
    options.set(ExecuTorchOptions.TIME_LIMIT, Duration.ofSeconds(3));
    RequestOverrides some = new RequestOverrides(null, 0.5f, null, 8, 99L);

    var request = GenerationSettings.from(options).requestFor(InferenceRequest.of("a", "hi", some));

    assertThat(request.timeLimit()).isEqualTo(Duration.ofSeconds(3));
    GenerationConfig config = request.config();
    assertThat(config.temperature()).isEqualTo(0.7f);
    assertThat(config.topP()).isEqualTo(0.5f);
    assertThat(config.topK()).isEqualTo(5);
    assertThat(config.maxNewTokens()).isEqualTo(8);
    assertThat(config.seed()).isEqualTo(99L);
    assertThat(config.echo()).isFalse();
  }

  @Test
  void shouldTakeStopTextsAndPenaltyFromTheOptions() {
    Configuration options =
        new Configuration()
            .set(ExecuTorchOptions.STOP, List.of("END", "\n\n"))
            .set(ExecuTorchOptions.PRESENCE_PENALTY, 0.5f);

    GenerationConfig config =
        GenerationSettings.from(options).requestFor(InferenceRequest.of("a", "b")).config();

    assertThat(config.stop()).containsExactly("END", "\n\n");
    assertThat(config.presencePenalty()).isEqualTo(0.5f);
  }

  @Test
  void shouldTakeTheRestOfGenerationFromTheOptions() {
    Configuration options =
        new Configuration()
            .set(ExecuTorchOptions.FREQUENCY_PENALTY, 0.5f)
            .set(ExecuTorchOptions.REPETITION_PENALTY, 1.5f)
            .set(ExecuTorchOptions.IGNORE_EOS, true)
            .set(ExecuTorchOptions.STOP_TOKEN_IDS, List.of(3, 4))
            .set(ExecuTorchOptions.JSON_SCHEMA, "{\"type\":\"integer\"}")
            .set(ExecuTorchOptions.CONTEXT_OVERFLOW, ContextOverflow.TRUNCATE_TAIL);

    GenerationConfig config = GenerationSettings.from(options).defaults();

    assertThat(config.frequencyPenalty()).isEqualTo(0.5f);
    assertThat(config.repetitionPenalty()).isEqualTo(1.5f);
    assertThat(config.ignoreEos()).isTrue();
    assertThat(config.stopTokenIds()).containsExactly(3, 4);
    assertThat(config.grammar()).isEqualTo("{\"type\":\"integer\"}");
    assertThat(config.grammarType()).isEqualTo("json_schema");
    assertThat(config.contextOverflow()).isEqualTo(ContextOverflow.TRUNCATE_TAIL);
  }

  @Test
  void shouldLetTheRecordChangeEachOption() {
    Configuration options =
        new Configuration()
            .set(ExecuTorchOptions.STOP_TOKEN_IDS, List.of(3))
            .set(ExecuTorchOptions.REGEX, "a");
    RequestOverrides all =
        new RequestOverrides(
            0.5f,
            0.6f,
            7,
            8,
            9L,
            new String[] {"s"},
            new int[] {10},
            1.1f,
            -1.2f,
            1.3f,
            true,
            "b",
            "regex");

    GenerationConfig config =
        GenerationSettings.from(options).requestFor(InferenceRequest.of("a", "hi", all)).config();

    assertThat(config)
        .isEqualTo(
            GenerationConfig.builder()
                .temperature(0.5f)
                .topP(0.6f)
                .topK(7)
                .maxNewTokens(8)
                .seed(9)
                .stop("s")
                .stopTokenIds(List.of(10))
                .presencePenalty(1.1f)
                .frequencyPenalty(-1.2f)
                .repetitionPenalty(1.3f)
                .ignoreEos(true)
                .grammar("regex", "b")
                .build());
  }

  @Test
  void shouldRefuseAGrammarThatCannotWorkBeforeTheJobStarts() {
    Configuration regex = new Configuration().set(ExecuTorchOptions.REGEX, "(");
    assertThatThrownBy(() -> GenerationSettings.from(regex))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("regular expression");
    Configuration schema =
        new Configuration().set(ExecuTorchOptions.JSON_SCHEMA, "{\"uniqueItems\":true}");
    assertThatThrownBy(() -> GenerationSettings.from(schema))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("uniqueItems");
    schema.set(ExecuTorchOptions.JSON_SCHEMA, "{}").set(ExecuTorchOptions.REGEX, "a");
    assertThatThrownBy(() -> GenerationSettings.from(schema))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("json-schema", "regex", "exclude each other");
    regex.set(ExecuTorchOptions.REGEX, "a").set(ExecuTorchOptions.STOP, List.of("b"));
    assertThatThrownBy(() -> GenerationSettings.from(regex))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("regex", "executorch.generation.stop", "exclude each other");
  }

  @Test
  void shouldHaveNoTimeLimitWhenItIsZero() {
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.TIME_LIMIT, Duration.ZERO);
    assertThat(GenerationSettings.from(options).timeLimit()).isNull();
  }

  @Test
  void shouldRefuseOptionOutOfItsRange() {
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.TOP_P, 2f);
    assertThatThrownBy(() -> GenerationSettings.from(options))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("topP");
  }

  @Test
  void shouldSeedFromTheIdAlone() {
    GenerationSettings settings = GenerationSettings.from(new Configuration());
    assertThat(seedOf(settings, "a")).isEqualTo(seedOf(settings, "a"));
    assertThat(seedOf(settings, "a")).isEqualTo(RecordSeed.of("a", 0));

    Set<Long> seeds = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      seeds.add(RecordSeed.of("tickets-0-" + i, 0));
    }
    assertThat(seeds).hasSize(100_000);
  }

  @Test
  void shouldMixTheSeedOptionIntoEverySeed() {
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.SEED, 1L);
    assertThat(seedOf(GenerationSettings.from(options), "a"))
        .isNotEqualTo(seedOf(GenerationSettings.from(new Configuration()), "a"));
  }

  @ParameterizedTest
  @CsvSource({
    "what?, image image text:what?",
    "'', image image",
    "a <image> b <image>, text:a_ image text:_b_ image",
    "<image><image>, image image"
  })
  void shouldPutImagesAtTheirMarkersOrFirst(String prompt, String inputs, @TempDir Path folder) {
    GenerationSettings settings =
        GenerationSettings.from(Pictures.batchedOptions("llava", 2, folder));

    assertThat(settings.requestFor(InferenceRequest.of("a", prompt).withImages(DOT, DOT)).inputs())
        .extracting(input -> input.isImage() ? "image" : "text:" + input.getText())
        .containsExactly(inputs.replace('_', ' ').split(" (?=image|text)", -1));
  }

  @Test
  void shouldTellWhatMaySpellSpecialTokens() {
    Configuration options = new Configuration();
    BitSet all = new BitSet();
    all.set(0, 2);
    InferenceRequest unknown = InferenceRequest.of("a", "hi");
    InferenceRequest ofTheJob =
        new InferenceRequest("a", "hi", null, null, null, null, null, new int[0], null);

    assertThat(marks(options, unknown)).isEqualTo(marks(PromptText.filled("hi", all)));
    assertThat(marks(options, ofTheJob)).isEqualTo(marks(PromptText.filled("hi", new BitSet())));
    options.set(ExecuTorchOptions.ALLOW_SPECIAL_TOKENS, true);
    assertThat(marks(options, unknown))
        .isEqualTo(MultimodalInput.makeTextInput("hi").getTextMarks());
  }

  @Test
  void shouldLeaveAMarkerInAPromptWithoutImages() {
    GenerationSettings settings = GenerationSettings.from(new Configuration());
    assertThat(settings.requestFor(InferenceRequest.of("a", "<image>")).inputs())
        .singleElement()
        .satisfies(input -> assertThat(input.getText()).isEqualTo("<image>"));
  }

  @Test
  void shouldRefuseAnotherNumberOfMarkersThanImages(@TempDir Path folder) {
    GenerationSettings settings =
        GenerationSettings.from(Pictures.batchedOptions("llava", 2, folder));
    assertThatThrownBy(
            () -> settings.requestFor(InferenceRequest.of("a", "<image>").withImages(DOT, DOT)))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_PARAMETER))
        .hasMessageContaining("<image>");
  }

  @Test
  void shouldRefuseAnImageThatWasNotRead(@TempDir Path folder) {
    GenerationSettings settings =
        GenerationSettings.from(Pictures.batchedOptions("llava", 2, folder));
    for (RequestImage image :
        List.of(RequestImage.ofReference("a"), RequestImage.ofPixels(new byte[3], 1, 1))) {
      assertThatThrownBy(() -> settings.requestFor(InferenceRequest.of("a", "b").withImages(image)))
          .isInstanceOfSatisfying(
              InvalidRequestException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED_INPUT))
          .hasMessageContaining("ImageReading");
    }
  }

  private static byte[] marks(Configuration options, InferenceRequest request) {
    return GenerationSettings.from(options).requestFor(request).inputs().get(0).getTextMarks();
  }

  private static byte[] marks(PromptText text) {
    return MultimodalInput.makeTextInput(text).getTextMarks();
  }

  private static long seedOf(GenerationSettings settings, String id) {
    return settings.requestFor(InferenceRequest.of(id, "hi")).config().seed();
  }
}
