package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamEnrichmentOptionsTest {

  @Test
  void shouldNeedOnlyBrokersAndModel() {
    StreamEnrichmentOptions options = parse();

    assertThat(options.deliveryGuarantee).isEqualTo(DeliveryGuarantee.EXACTLY_ONCE);
    assertThat(options.transactionTimeout).isLessThan(Duration.ofMinutes(15));
    assertThat(options.bounded).isFalse();
    assertThat(options.helpPrinted()).isFalse();
  }

  @Test
  void shouldLookForTokenizerBesideModel() {
    Configuration inference = parse().inference();

    assertThat(inference.get(ExecuTorchOptions.MODEL_PATH)).isEqualTo("/models/model.pte");
    assertThat(inference.get(ExecuTorchOptions.TOKENIZER_PATH)).isEqualTo("/models");
  }

  @Test
  void shouldGiveEachModelItsFilesAndAllTheSameOptions() {
    Map<String, Configuration> models =
        parse(
                "--named-model=large=/models/large/model.pte",
                "--named-model",
                "other=/models/other/a.pte",
                "--model-field=kind",
                "--option=executorch.model.data-files=/models/a.ptd;/models/b.ptd",
                "--option=executorch.generation.seed=7")
            .models();

    assertThat(models.keySet()).containsExactly("default", "large", "other");
    assertThat(models.get("default").get(ExecuTorchOptions.MODEL_PATH))
        .isEqualTo("/models/model.pte");
    assertThat(models.get("default").get(ExecuTorchOptions.MODEL_DATA_FILES))
        .containsExactly("/models/a.ptd", "/models/b.ptd");
    assertThat(models.get("other").get(ExecuTorchOptions.MODEL_DATA_FILES)).isEmpty();
    assertThat(models.get("other").get(ExecuTorchOptions.MODEL_PATH))
        .isEqualTo("/models/other/a.pte");
    assertThat(models.get("other").get(ExecuTorchOptions.TOKENIZER_PATH))
        .isEqualTo("/models/other");
    assertThat(models.values())
        .allSatisfy(
            options -> {
              assertThat(options.get(ExecuTorchOptions.SEED)).isEqualTo(7);
              assertThat(options.get(ExecuTorchOptions.MODEL_FIELD)).isEqualTo("kind");
            });
    assertThat(parse().inference().contains(ExecuTorchOptions.MODEL_FIELD)).isFalse();
  }

  @Test
  void shouldPassConnectorOptions() {
    Configuration inference =
        parse("--option", "executorch.generation.max-new-tokens=64").inference();

    assertThat(inference.get(ExecuTorchOptions.MAX_NEW_TOKENS)).isEqualTo(64);
  }

  @Test
  void shouldLeaveOptionsThatAreNotTheConnectors() {
    assertThat(parse("--option", "some.key=1").inference().toMap()).containsEntry("some.key", "1");
  }

  @Test
  void shouldReadPromptTemplateFromFile(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("template.txt"), "Ticket: {{message}}\nJSON:");

    Configuration inference = parse("--prompt-template-file", file.toString()).inference();

    assertThat(inference.get(ExecuTorchOptions.PROMPT_TEMPLATE))
        .isEqualTo("Ticket: {{message}}\nJSON:");
  }

  @Test
  void shouldPassKafkaPropertiesButKeepBrokers() {
    StreamEnrichmentOptions options =
        parse("--kafka-property", "security.protocol=SSL", "--kafka-property=client.id=a=b");

    assertThat(options.clientProperties())
        .containsEntry("security.protocol", "SSL")
        .containsEntry("client.id", "a=b")
        .containsEntry("bootstrap.servers", "localhost:9092");
  }

  @Test
  void shouldReadDurationsAsFlinkDoes() {
    StreamEnrichmentOptions options =
        parse("--checkpoint-interval", "500ms", "--transaction-timeout", "5 min");

    assertThat(options.checkpointInterval()).isEqualTo(Duration.ofMillis(500));
    assertThat(options.transactionTimeout).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void shouldGiveEachSinkItsOwnTransactionalIds() {
    StreamEnrichmentOptions options = parse("--group-id", "tickets");

    assertThat(options.transactionalIdPrefix(options.completionsTopic))
        .isEqualTo("tickets-completions")
        .isNotEqualTo(options.transactionalIdPrefix(options.statsTopic));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--paralelism 2 | --paralelism",
        "--parallelism two | --parallelism",
        "--parallelism 0 | --parallelism must be at least 1",
        "--checkpoint-interval soon | 'soon' is no duration",
        "--checkpoint-interval 0s | --checkpoint-interval must be at least 1 ms",
        "--transaction-timeout 5s | must be longer than --checkpoint-interval",
        "--delivery-guarantee twice | --delivery-guarantee",
        "--kafka-property nothing | --kafka-property",
        "--named-model nothing | --named-model",
        "--option executorch.image.url-host=a.org | did you mean executorch.image.url-hosts?",
        "--named-model default=/m.pte | --named-model default",
        "--prompt-template {{a}} --prompt-template-file b | mutually exclusive",
        "--bootstrap-servers localhost | host:port"
      })
  void shouldNameWrongArgument(String arguments, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(arguments.split(" ")))
        .withMessageContaining(message);
  }

  @Test
  void shouldNameMissingArgument() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StreamEnrichmentOptions.parse("--bounded"))
        .withMessageContaining("--bootstrap-servers")
        .withMessageContaining("--model");
  }

  @Test
  void shouldNameMissingTemplateFile() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("--prompt-template-file", "/no/such/file").inference())
        .withMessageContaining("/no/such/file");
  }

  private static StreamEnrichmentOptions parse(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    if (!arguments.contains("--bootstrap-servers")) {
      arguments.addAll(List.of("--bootstrap-servers", "localhost:9092"));
    }
    arguments.addAll(List.of("--model", "/models/model.pte"));
    return StreamEnrichmentOptions.parse(arguments.toArray(String[]::new));
  }
}
