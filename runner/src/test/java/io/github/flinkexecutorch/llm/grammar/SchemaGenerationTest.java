package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lets a model that knows nothing at all write by each schema. */
@Tag("native")
class SchemaGenerationTest {
  private static final int MAX_TOKENS = 160;

  @ParameterizedTest
  @MethodSource("io.github.flinkexecutorch.llm.grammar.Schemas#names")
  void shouldGenerateNothingButValidTexts(String name) {
    shouldBeValid(name, Path.of("../sample-data/tickets/tokenizer.json"), 300);
  }

  @ParameterizedTest
  @MethodSource("io.github.flinkexecutorch.llm.grammar.Schemas#names")
  void shouldGenerateValidTextsFromPiecesWithBytes(String name) {
    shouldBeValid(name, Path.of("src/test/resources/tokenizers/byte-fallback"), 50);
  }

  private static void shouldBeValid(String name, Path tokenizerPath, int texts) {
    String schema = Schemas.read(name);
    Schema validator = Schemas.validator(schema);
    try (Tokenizer tokenizer = Tokenizers.load(tokenizerPath)) {
      Grammar grammar =
          Grammars.compile(Grammars.JSON_SCHEMA, schema, tokenizer, Set.of(tokenizer.eosId()));
      for (int seed = 0; seed < texts; seed++) {
        String text = RandomText.generate(grammar, tokenizer, MAX_TOKENS, new Random(seed));
        assertThat(Schemas.errors(validator, text)).as("seed %s: %s", seed, text).isEmpty();
      }
    }
  }
}
