package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reports are in src/test/resources/inspections; each was read by a person when committed. */
@Tag("native")
class ModelInspectionTest {
  private static final Path PROGRAMS =
      Path.of("").toAbsolutePath().getParent().resolve("native/src/test/resources");

  @ParameterizedTest
  @CsvSource({
    "tickets, TICKETS",
    "optimum-llama, OPTIMUM_LLAMA",
  })
  void shouldReportLanguageModelsAsCommitted(String golden, String folder) throws Exception {
    Path model =
        (folder.equals("TICKETS") ? Goldens.TICKETS : Goldens.OPTIMUM_LLAMA).resolve("model.pte");
    try (Tokenizer tokenizer = Tokenizers.load(model.getParent())) {
      ModelInspection found = ModelInspection.of(model, List.of()).withTokenizer(tokenizer);
      assertThat(found.problems()).isEmpty();
      assertReport(found, golden);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gemma3-vision",
    "llama3-prefill-decode",
    "llava",
    "qwen3.5",
    "t5-without-cross-cache",
    "voxtral",
    "whisper"
  })
  void shouldReportConformanceModelsAsCommitted(String name) throws Exception {
    Path folder = Goldens.TICKETS.resolveSibling("conformance").resolve(name);
    try (Tokenizer tokenizer = Tokenizers.load(folder)) {
      ModelInspection found =
          ModelInspection.of(folder.resolve("model.pte"), List.of()).withTokenizer(tokenizer);
      assertThat(found.problems()).isEmpty();
      assertReport(found, name);
    }
  }

  @Test
  void shouldReportDeepFusionAsCommitted() throws Exception {
    Path folder = Goldens.TICKETS.resolveSibling("conformance").resolve("deep-fusion");
    ModelInspection found = ModelInspection.of(folder.resolve("model.pte"), List.of());

    assertThat(found.problems()).anyMatch(problem -> problem.contains("cross-attention"));
    assertReport(found, "deep-fusion");
  }

  @ParameterizedTest
  @CsvSource({"two-methods", "missing-operator", "external", "external-delegate", "unplanned"})
  void shouldReportOtherProgramsAsCommitted(String program) throws Exception {
    ModelInspection found = ModelInspection.of(PROGRAMS.resolve(program + ".pte"), List.of());

    assertThat(found.problems()).isNotEmpty();
    assertReport(found, program);
  }

  @Test
  void shouldSayTheSameInJson() throws Exception {
    ModelInspection found =
        ModelInspection.of(Goldens.TICKETS.resolve("model.pte"), List.of())
            .withTokenizer(new FakeTokenizer());
    JsonNode json = new ObjectMapper().readTree(found.toJson());

    assertThat(json.get("kind").asText()).isEqualTo("text_decoder");
    assertThat(json.get("runner").asText()).isEqualTo("TextLLMRunner");
    assertThat(json.get("bytes").asLong()).isEqualTo(Files.size(found.path()));
    assertThat(json.get("constants").get("get_max_seq_len").asInt()).isEqualTo(256);
    assertThat(json.get("decoders").get(0).get("positions").asText()).isEqualTo("first");
    assertThat(json.get("decoders").get(0).get("logits_width").asInt()).isEqualTo(1617);
    // 4 layers, keys and values, 256 positions of 64 floats.
    assertThat(json.get("decoders").get(0).get("cache_bytes").asInt())
        .isEqualTo(4 * 2 * 256 * 64 * Float.BYTES);
    assertThat(json.get("methods")).hasSize(1);
    assertThat(json.get("methods").get(0).get("operators"))
        .extracting(JsonNode::asText)
        .contains("llama::update_cache.out", "aten::embedding.out");
    assertThat(json.get("tokenizer").get("fits").asBoolean()).isFalse();
    assertThat(json.get("problems").get(0).asText()).contains("1617 wide", "258 ids");
  }

  @Test
  void shouldNameDataThatIsMissing() {
    Path model = PROGRAMS.resolve("external.pte");

    assertThat(ModelInspection.of(model, List.of()).problems())
        .anySatisfy(problem -> assertThat(problem).contains("2 of 2", "bias, weight", ".ptd"));
    assertThat(ModelInspection.of(model, List.of(PROGRAMS.resolve("external.ptd"))).problems())
        .noneSatisfy(problem -> assertThat(problem).contains(".ptd"));
  }

  @Test
  void shouldRefuseWhatIsNoProgram() {
    assertThatThrownBy(
            () -> ModelInspection.of(Goldens.TICKETS.resolve("tickets.jsonl"), List.of()))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContainingAll("tickets.jsonl", "not an ExecuTorch program");
  }

  @Test
  void shouldAnswerOrRefuseDamagedFiles(@TempDir Path folder) throws Exception {
    byte[] whole = Files.readAllBytes(PROGRAMS.resolve("two-methods.pte"));
    Path file = folder.resolve("damaged.pte");
    int answered = 0;
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
      if (seed % 10 == 9) {
        damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
      }
      Files.write(file, damaged);
      try {
        ModelInspection found = ModelInspection.of(file, List.of());
        assertThat(found.toText()).as("seed %s", seed).contains("damaged.pte");
        assertThat(found.toJson()).as("seed %s", seed).isNotEmpty();
        answered++;
      } catch (ExecuTorchException e) {
        assertThat(e).as("seed %s", seed).hasMessageContaining("damaged.pte");
      }
    }
    assertThat(answered).isBetween(1, 299);
  }

  private static void assertReport(ModelInspection found, String golden) throws IOException {
    String text = found.toText().replace(found.path().toString(), "MODEL");
    try (var in =
        ModelInspectionTest.class.getResourceAsStream("/inspections/" + golden + ".txt")) {
      assertThat(text).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
