package io.github.flinkexecutorch.jobs.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.FailurePolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchInferenceOptionsTest {

  @Test
  void shouldTakeThePromptFromAFieldATemplateOrAFile(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("template.txt"), "Say {{a}} and {{b}}");

    assertThat(template()).isEqualTo("{{prompt}}");
    assertThat(template("--prompt-field", "ticket.text")).isEqualTo("{{ticket.text}}");
    assertThat(template("--prompt-template=Say {{a}}")).isEqualTo("Say {{a}}");
    assertThat(template("--prompt-template-file=" + file)).isEqualTo("Say {{a}} and {{b}}");
  }

  @Test
  void shouldNeverLoseAFailedRecordNorLetOneWaitForAnother() {
    var inference = parse("--option=executorch.failure-policy=SKIP").inference();

    assertThat(inference.get(ExecuTorchOptions.FAILURE_POLICY))
        .isEqualTo(FailurePolicy.DEAD_LETTER);
    assertThat(inference.get(ExecuTorchOptions.OUTPUT_MODE)).isEqualTo(OutputMode.UNORDERED);
    assertThat(inference.get(ExecuTorchOptions.ID_FIELD)).isEqualTo("id");
    assertThat(
            parse("--option=executorch.async.output-mode=ORDERED")
                .inference()
                .get(ExecuTorchOptions.OUTPUT_MODE))
        .isEqualTo(OutputMode.ORDERED);
  }

  @Test
  void shouldPartitionByFieldsInTheirOrderAndByShard() {
    assertThat(parse("--partition-by=year,month", "--shards=8").partitioning())
        .isEqualTo(new Partitioning(List.of("year", "month"), 8));
  }

  @Test
  void shouldTakeCheckpointsLessOftenThanAStream() {
    assertThat(parse().checkpointInterval()).isEqualTo(Duration.ofMinutes(1));
    assertThat(parse("--checkpoint-interval=5s").checkpointInterval())
        .isEqualTo(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @CsvSource({
    "--shards=-1, --shards must be between 0 and 10000",
    "--partition-by=a;;b, without a name",
    "--format=xml, JSONL",
    "--parallelism=0, --parallelism must be at least 1",
    "--kafka-property=a=b, --kafka-property",
    "--prompt-template-file=none.txt, Cannot read --prompt-template-file none.txt"
  })
  void shouldNameTheWrongArgument(String argument, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(argument.replace(';', ',')).inference())
        .withMessageContaining(message);
  }

  @Test
  void shouldTakeOnePromptOnly() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("--prompt-field=a", "--prompt-template={{b}}"))
        .withMessageContaining("mutually exclusive");
  }

  @Test
  void shouldNeedInputOutputAndModel() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchInferenceOptions.parse("--output=a", "--model=b"))
        .withMessageContaining("INPUT");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchInferenceOptions.parse("/in", "--model=b"))
        .withMessageContaining("--output");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchInferenceOptions.parse("/in", "--output=a"))
        .withMessageContaining("--model");
  }

  private static String template(String... more) {
    return parse(more).inference().get(ExecuTorchOptions.PROMPT_TEMPLATE);
  }

  private static BatchInferenceOptions parse(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("/in", "--output=/out", "--model=/models/model.pte"));
    arguments.addAll(List.of(more));
    return BatchInferenceOptions.parse(arguments.toArray(String[]::new));
  }
}
