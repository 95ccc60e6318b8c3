package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images in source records. */
class RequestImagesTest {
  private static final byte[] CONTENT = {0, -1, 62, -64};
  private static final String BASE64 = Base64.getEncoder().encodeToString(CONTENT);

  private final Configuration options = new Configuration();

  @Test
  void shouldReadReferencesAndBytesInTheirOrder() {
    InferenceRequest request =
        read(
            "{'prompt':'x','images':['b.png',{'reference':'s3://c/d.png'},{'base64':'%s'},"
                    .formatted(BASE64)
                + "'data:image/png;base64,%s'],'image':'a.png'}".formatted(BASE64));

    assertThat(request.rejection()).isNull();
    assertThat(request.prompt()).isEqualTo("x");
    assertThat(request.images())
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(
            RequestImage.ofReference("a.png"),
            RequestImage.ofReference("b.png"),
            RequestImage.ofReference("s3://c/d.png"),
            RequestImage.ofBytes(CONTENT),
            RequestImage.ofBytes(CONTENT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'prompt':'x'}",
        "{'prompt':'x','image':null}",
        "{'prompt':'x','images':[]}",
        "{'prompt':'x','picture':7}"
      })
  void shouldReadARecordWithoutImages(String json) {
    assertThat(read(json).rejection()).isNull();
    assertThat(read(json).images()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`7`",
        "`true`",
        "`' '`",
        "`[null]`",
        "`[['a.png']]`",
        "`{}`",
        "`{'url':'a'}`",
        "`{'reference':7}`",
        "`{'reference':'a','base64':'AAAA'}`",
        "`{'base64':'not base64'}`",
        "`{'base64':'AAAAA'}`",
        "`'data:image/png,raw'`",
        "`'data:image/png;base64'`"
      })
  void shouldRejectWhatIsNoImage(String value) {
    Rejection rejection = read("{'prompt':'x','image':" + value + "}").rejection();
    assertThat(rejection.kind()).isEqualTo(FailureKind.MALFORMED);
    assertThat(rejection.stage()).isEqualTo(FailureStage.PARSE);
    assertThat(rejection.message()).contains("'image'");
  }

  @Test
  void shouldLimitTheNumberOfImages() {
    options.set(ExecuTorchOptions.MAX_IMAGES, 2);
    assertThat(read("{'prompt':'x','images':['a','b']}").rejection()).isNull();
    assertThat(read("{'prompt':'x','images':['a','b','c']}").rejection())
        .satisfies(
            rejection -> {
              assertThat(rejection.kind()).isEqualTo(FailureKind.TOO_LARGE);
              assertThat(rejection.message()).contains("2 images", "max-images");
            });
  }

  @Test
  void shouldLeaveOtherFieldsAlone() {
    options.set(ExecuTorchOptions.IMAGE_FIELDS, List.of("photo"));
    assertThat(read("{'prompt':'x','image':7,'photo':'a'}").images()).hasSize(1);
    options.set(ExecuTorchOptions.IMAGE_FIELDS, List.of());
    assertThat(read("{'prompt':'x','image':7}").images()).isEmpty();
  }

  @Test
  void shouldFillInThePromptOfARecordThatHasOnlyImages() {
    assertThat(read("{'image':'a'}").rejection().kind()).isEqualTo(FailureKind.MISSING_FIELD);

    options.set(ExecuTorchOptions.IMAGE_PROMPT, "What is it?");

    assertThat(read("{'image':'a'}").prompt()).isEqualTo("What is it?");
    assertThat(read("{'image':'a','prompt':''}").prompt()).isEqualTo("What is it?");
    assertThat(read("{'image':'a','prompt':'Why?'}").prompt()).isEqualTo("Why?");
    assertThat(read("{'text':'a'}").rejection().kind()).isEqualTo(FailureKind.MISSING_FIELD);
  }

  @ParameterizedTest
  @EnumSource(names = {"IMAGE", "AUTO"})
  void shouldReadAValueThatIsAnImage(ValueFormat format) {
    options.set(ExecuTorchOptions.VALUE_FORMAT, format);
    byte[] value = Pictures.read("lossy.webp");

    InferenceRequest request = new RequestReader(options).read(record(value));

    assertThat(request.rejection()).isNull();
    assertThat(request.id()).isEqualTo("photos-3-42");
    assertThat(request.prompt()).isEmpty();
    assertThat(request.images()).singleElement().extracting(RequestImage::encoded).isSameAs(value);
    assertThat(request.origin().value()).isSameAs(value);
  }

  @Test
  void shouldTellImagesFromJsonByTheirContent() {
    options.set(ExecuTorchOptions.VALUE_FORMAT, ValueFormat.AUTO);
    assertThat(read(" {'prompt':'x'}").images()).isEmpty();
    assertThat(read("no image").rejection().kind()).isEqualTo(FailureKind.MALFORMED);
    assertThat(new RequestReader(options).read(record(null)).rejection().kind())
        .isEqualTo(FailureKind.MALFORMED);

    options.set(ExecuTorchOptions.VALUE_FORMAT, ValueFormat.JSON);
    assertThat(new RequestReader(options).read(record(Pictures.read("rgb.png"))).rejection().kind())
        .isEqualTo(FailureKind.MALFORMED);
  }

  @Test
  void shouldNeverShowAReference() {
    InferenceRequest request = read("{'prompt':'x','image':'private.png'}");
    assertThat(request.toString()).doesNotContain("private").contains("1 images");
    assertThat(request.images()[0].toString()).doesNotContain("private");
  }

  private InferenceRequest read(String json) {
    return new RequestReader(options).read(record(json.replace('\'', '"').getBytes(UTF_8)));
  }

  private static RecordOrigin record(byte[] value) {
    return new RecordOrigin("photos", 3, 42, 7, null, value, null);
  }
}
