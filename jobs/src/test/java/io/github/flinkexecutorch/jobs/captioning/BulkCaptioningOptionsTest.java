package io.github.flinkexecutorch.jobs.captioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.FailurePolicy;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BulkCaptioningOptionsTest {

  @Test
  void shouldAllowTheInputFolderAndNothingElse() {
    Configuration inference = parse().inference();

    assertThat(inference.get(ExecuTorchOptions.IMAGE_ROOTS)).containsExactly("/photos");
    assertThat(inference.get(ExecuTorchOptions.IMAGE_URLS)).isFalse();
    assertThat(inference.get(ExecuTorchOptions.TOKENIZER_PATH)).isEqualTo("/models");
    assertThat(inference.get(ExecuTorchOptions.IMAGE_THUMBNAIL)).isEqualTo(160);
  }

  @Test
  void shouldAllowNamedRootsInstead() {
    assertThat(
            parse("--root", "/a", "--root=s3://b/c").inference().get(ExecuTorchOptions.IMAGE_ROOTS))
        .containsExactly("/a", "s3://b/c");
  }

  @Test
  void shouldNeverLoseAFailedImage() {
    assertThat(
            parse("--option=executorch.failure-policy=SKIP")
                .inference()
                .get(ExecuTorchOptions.FAILURE_POLICY))
        .isEqualTo(FailurePolicy.DEAD_LETTER);
  }

  @Test
  void shouldSwitchOffThumbnailsAndGallery() {
    BulkCaptioningOptions options = parse("--no-thumbnails", "--no-gallery");

    assertThat(options.gallery).isFalse();
    assertThat(options.inference().get(ExecuTorchOptions.IMAGE_THUMBNAIL)).isZero();
    assertThat(parse("--thumbnails", "--gallery").gallery).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "--parallelism=0, --parallelism must be at least 1",
    "--checkpoint-interval=0s, --checkpoint-interval must be at least 1 ms",
    "--checkpoint-interval=often, is no duration",
    "--format=xml, JSONL",
    "--unknown, --unknown"
  })
  void shouldNameTheWrongArgument(String argument, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(argument))
        .withMessageContaining(message);
  }

  @Test
  void shouldNeedInputOutputAndModel() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BulkCaptioningOptions.parse("--output=a", "--model=b"))
        .withMessageContaining("INPUT");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BulkCaptioningOptions.parse("/photos", "--model=b"))
        .withMessageContaining("--output");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BulkCaptioningOptions.parse("/photos", "--output=a"))
        .withMessageContaining("--model");
  }

  @Test
  void shouldRefuseTransactionsThatBrokersWouldEnd() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("--bootstrap-servers=b:9092", "--checkpoint-interval=20min"))
        .withMessageContaining("14");
  }

  @Test
  void shouldGiveEachRunAndTopicItsOwnTransactionalIds() {
    String prefix = prefix("--output=/out", "captions");

    assertThat(prefix).matches("bulk-captioning-[0-9a-f]{16}-captions");
    assertThat(prefix("--output=/out", "letters")).isNotEqualTo(prefix);
    assertThat(prefix("--output=/other", "captions")).isNotEqualTo(prefix);
    assertThat(
            List.of(
                prefix("--output=/out/", "captions"), prefix("--output=file:///out", "captions")))
        .as("the same folder")
        .containsOnly(prefix);
    assertThat(parse("--transactional-id-prefix=mine").transactionalIdPrefix("captions"))
        .isEqualTo("mine-captions");
  }

  private static String prefix(String output, String topic) {
    return BulkCaptioningOptions.parse("/photos", output, "--model=/models/model.pte")
        .transactionalIdPrefix(topic);
  }

  private static BulkCaptioningOptions parse(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("/photos", "--output=/out", "--model=/models/model.pte"));
    arguments.addAll(List.of(more));
    return BulkCaptioningOptions.parse(arguments.toArray(String[]::new));
  }
}
