package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Images in SQL, as bytes and by reference, beside the operator. */
class SqlImagesITCase {
  private static final String PROMPT = "Describe it.";
  private static final String OUTPUT = "caption STRING, error_kind STRING, error STRING";

  private static final List<String> FILES =
      List.of("rgb.png", "420.jpg", "cmyk.jpg", "turned-6.jpg", "animated.webp", "palette.bmp");

  private static final TypeInformation<Row> PICTURE =
      Types.ROW_NAMED(
          new String[] {"file", "question", "picture"},
          Types.STRING,
          Types.STRING,
          Types.PRIMITIVE_ARRAY(Types.BYTE));

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2);

  @TempDir private static Path folder;

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  private static List<RuntimeExecutionMode> modes() {
    return SqlModels.modes().toList();
  }

  @ParameterizedTest
  @MethodSource("modes")
  void shouldWriteWhatTheOperatorWritesOfBytes(RuntimeExecutionMode mode) throws Exception {
    SqlModels sql =
        new SqlModels(mode, 2)
            .table(PICTURE, pictures())
            .model(
                "picture BYTES",
                OUTPUT,
                SqlModels.options(llava(), "executorch.request.image-prompt", PROMPT));

    Map<String, String> captions = captions(sql.predict("file, caption", "picture"));

    assertThat(captions).isEqualTo(operator());
    assertThat(new HashSet<>(captions.values())).as("the model sees images").hasSizeGreaterThan(3);
  }

  @ParameterizedTest
  @MethodSource("modes")
  void shouldWriteWhatTheOperatorWritesOfReferences(RuntimeExecutionMode mode) throws Exception {
    SqlModels sql =
        new SqlModels(mode, 2)
            .table(PICTURE, pictures())
            .model(
                "image STRING",
                OUTPUT,
                SqlModels.options(llava(), "executorch.request.image-prompt", PROMPT));

    assertThat(captions(sql.predict("file, caption", "file"))).isEqualTo(operator());
  }

  @Test
  void shouldTakeAPromptBesideTheImage() throws Exception {
    SqlModels sql =
        SqlModels.streaming(2)
            .table(PICTURE, pictures())
            .model("prompt STRING, picture BYTES", OUTPUT, SqlModels.options(llava()));

    assertThat(captions(sql.predict("file, caption", "question, picture", "async", "false")))
        .isEqualTo(operator());
  }

  @Test
  void shouldTakeTwoImagesInTheirPlaces() throws Exception {
    SqlModels sql =
        SqlModels.streaming(1)
            .table(PICTURE, pictures().subList(0, 1))
            .model(
                "question STRING, picture BYTES, other STRING",
                OUTPUT,
                SqlModels.options(
                    llava(),
                    "executorch.request.image-fields",
                    "other",
                    "executorch.request.prompt-template",
                    "This: <image> That: <image> {{question}}"));
    Map<String, String> operator =
        operator(
            List.of(
                InferenceRequest.of("rgb.png", "This: <image> That: <image> " + PROMPT)
                    .withImages(
                        RequestImage.ofReference("rgb.png"), RequestImage.ofReference("rgb.png"))));

    assertThat(captions(sql.predict("file, caption", "question, picture, file")))
        .isEqualTo(operator);
  }

  @Test
  void shouldPutWhatIsWrongWithAnImageIntoColumnsAndGoOn() throws Exception {
    List<Row> rows = new ArrayList<>();
    rows.add(Row.of("null", PROMPT, null));
    rows.add(Row.of("empty", PROMPT, new byte[0]));
    rows.add(Row.of("noise", PROMPT, new byte[] {1, 2, 3}));
    rows.add(Row.of("large", PROMPT, new byte[200_000]));
    rows.addAll(pictures().subList(0, 1));
    SqlModels sql =
        SqlModels.streaming(1)
            .table(PICTURE, rows)
            .model(
                "picture BYTES",
                OUTPUT,
                SqlModels.options(llava(), "executorch.image.max-bytes", "100 kb"));

    assertThat(sql.predict("file, error_kind", "picture"))
        .extracting(Row::toString)
        .containsExactly(
            "+I[null, MISSING_FIELD]",
            "+I[empty, IMAGE_DECODE]",
            "+I[noise, IMAGE_DECODE]",
            "+I[large, IMAGE_TOO_LARGE]",
            "+I[rgb.png, null]");
  }

  @Test
  void shouldReadNothingThatIsNotBelowARoot() throws Exception {
    List<Row> rows =
        List.of(
            Row.of("/etc/passwd", PROMPT, null),
            Row.of("../images/rgb.png", PROMPT, null),
            Row.of("http://example.org/a.png", PROMPT, null),
            Row.of("missing.png", PROMPT, null),
            Row.of("rgb.png", PROMPT, null));
    SqlModels sql =
        SqlModels.streaming(1)
            .table(PICTURE, rows)
            .model("image STRING", OUTPUT, SqlModels.options(llava()));

    assertThat(sql.predict("file, error_kind", "file"))
        .extracting(Row::toString)
        .containsExactly(
            "+I[/etc/passwd, FORBIDDEN_REFERENCE]",
            "+I[../images/rgb.png, FORBIDDEN_REFERENCE]",
            "+I[http://example.org/a.png, FORBIDDEN_REFERENCE]",
            "+I[missing.png, FETCH_FAILED]",
            "+I[rgb.png, null]");
  }

  private static Configuration llava() {
    return Pictures.batchedOptions("llava", 28, folder);
  }

  private static List<Row> pictures() {
    return FILES.stream().map(file -> Row.of(file, PROMPT, Pictures.read(file))).toList();
  }

  private static Map<String, String> captions(List<Row> rows) {
    return rows.stream().collect(toMap(r -> (String) r.getField(0), r -> (String) r.getField(1)));
  }

  private static Map<String, String> operator() throws Exception {
    return operator(
        FILES.stream()
            .map(
                file ->
                    InferenceRequest.of(file, PROMPT).withImages(RequestImage.ofReference(file)))
            .toList());
  }

  private static Map<String, String> operator(List<InferenceRequest> requests) throws Exception {
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    var completions = Pictures.inference(env, llava(), requests).completions().collectAsync();
    env.execute();
    return Pictures.all(completions).stream().collect(toMap(Completion::id, Completion::text));
  }
}
