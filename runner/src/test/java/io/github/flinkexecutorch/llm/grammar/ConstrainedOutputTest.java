package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import io.github.flinkexecutorch.llm.FinishReason;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.LLMRunners;
import io.github.flinkexecutorch.llm.TextLLMRunner;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sample model, asked by 300 tickets for texts of ten schemas that it was not trained for. */
@Tag("native")
class ConstrainedOutputTest {
  private static final Path SAMPLE = Path.of("../sample-data/tickets");
  private static final int PROMPTS = 300;

  private static Tokenizer tokenizer;
  private static TextLLMRunner runner;
  private static List<String> prompts;

  @BeforeAll
  static void open() throws IOException {
    tokenizer = LLMRunners.loadTokenizer(SAMPLE);
    runner = LLMRunners.createTextLLMRunner(SAMPLE.resolve("model.pte"), tokenizer);
    String template = Files.readString(SAMPLE.resolve("prompt-template.txt"));
    ObjectMapper mapper = new ObjectMapper();
    try (var lines = Files.lines(SAMPLE.resolve("tickets.jsonl"))) {
      prompts =
          lines
              .limit(PROMPTS)
              .map(line -> template.replace("{{message}}", message(mapper, line)))
              .toList();
    }
  }

  @AfterAll
  static void close() {
    runner.close();
    tokenizer.close();
  }

  @ParameterizedTest
  @MethodSource("io.github.flinkexecutorch.llm.grammar.Schemas#names")
  void shouldBeValidForEveryPromptAtATemperatureAboveOne(String name) {
    String schema = Schemas.read(name);
    Schema validator = Schemas.validator(schema);
    for (int i = 0; i < PROMPTS; i++) {
      GenerationResult result = generate(prompts.get(i), config(schema).seed(i).build());

      assertThat(result.finishReason()).as(result.text()).isEqualTo(FinishReason.STOP);
      assertThat(Schemas.errors(validator, result.text())).as(result.text()).isEmpty();
    }
  }

  @Test
  void shouldWriteWhatTheModelWasTrainedForWhenItsSchemaIsTheTickets() {
    var config = config(Schemas.read("ticket")).temperature(0).build();

    assertThat(generate(prompts.get(0), config).text())
        .isEqualTo(generate(prompts.get(0), GenerationConfig.greedy()).text());
  }

  @Test
  void shouldReportLengthWhereTheLimitCutsTheText() {
    var config = config(Schemas.read("ticket")).maxNewTokens(5).build();

    assertThat(generate(prompts.get(0), config).finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void shouldEndWhereTheRegularExpressionEndsAlthoughEosIsIgnored() {
    var config =
        GenerationConfig.builder().grammar("regex", "[a-z]{3}-\\d{2}").ignoreEos(true).build();

    GenerationResult result = generate(prompts.get(0), config);

    assertThat(result.text()).matches("[a-z]{3}-\\d{2}");
    assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void shouldRefuseStopTextsBesideAGrammar() {
    var config = config("{}").stop("}").build();

    assertThatThrownBy(() -> generate(prompts.get(0), config))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("grammar and stop exclude each other");
  }

  @Test
  void shouldRunTheNextRequestAfterARefusedGrammar() {
    var refused = GenerationConfig.builder().grammar("gbnf", "root ::= \"a\"").build();

    assertThatThrownBy(() -> generate(prompts.get(0), refused))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage("grammarType gbnf is not supported; it must be json_schema or regex");
    assertThat(generate(prompts.get(0), GenerationConfig.greedy()).text()).startsWith("{");
  }

  private static GenerationConfig.Builder config(String schema) {
    return GenerationConfig.builder()
        .grammar(Grammars.JSON_SCHEMA, schema)
        .temperature(1.5f)
        .topP(1);
  }

  private static GenerationResult generate(String prompt, GenerationConfig config) {
    runner.reset();
    return runner.generate(prompt, config);
  }

  private static String message(ObjectMapper mapper, String line) {
    try {
      return mapper.readTree(line).path("message").asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
