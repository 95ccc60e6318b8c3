package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damages valid values a little, and asks the validator and the automaton what they think. */
@Tag("native")
class SchemaExactnessTest {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
  private static final int VALUES = 400;

  private final Random random = new Random(7);

  /** Objects of these schemas are closed, so that every valid value has its text. */
  @ParameterizedTest
  @MethodSource("exactSchemas")
  void shouldAcceptExactlyWhatTheValidatorAccepts(String name) throws Exception {
    String schema = Schemas.read(name);
    Schema validator = Schemas.validator(schema);
    ByteAutomaton automaton = automaton(schema);
    int valid = 0;
    int invalid = 0;
    for (String text : texts(schema)) {
      for (int i = 0; i < 10; i++) {
        JsonNode value = damaged(MAPPER.readTree(text));
        String json = plain(value);
        boolean expected = Schemas.errors(validator, json).isEmpty();
        assertThat(accepts(automaton, json)).as(json).isEqualTo(expected);
        valid += expected ? 1 : 0;
        invalid += expected ? 0 : 1;
      }
    }
    assertThat(valid).isGreaterThan(VALUES / 10);
    assertThat(invalid).isGreaterThan(VALUES / 10);
  }

  @ParameterizedTest
  @MethodSource("io.github.flinkexecutorch.llm.grammar.Schemas#names")
  void shouldAcceptNothingThatIsInvalid(String name) throws Exception {
    String schema = Schemas.read(name);
    Schema validator = Schemas.validator(schema);
    ByteAutomaton automaton = automaton(schema);
    for (String text : texts(schema)) {
      for (int i = 0; i < 10; i++) {
        String json = plain(damaged(MAPPER.readTree(text)));
        if (accepts(automaton, json)) {
          assertThat(Schemas.errors(validator, json)).as(json).isEmpty();
        }
      }
    }
  }

  static List<String> exactSchemas() {
    return List.of("ticket", "exact");
  }

  private static ByteAutomaton automaton(String schema) {
    return ByteAutomaton.of(Grammars.expression(Grammars.JSON_SCHEMA, schema));
  }

  private static boolean accepts(ByteAutomaton automaton, String json) {
    int state = automaton.step(0, json.getBytes(StandardCharsets.UTF_8));
    return state != ByteAutomaton.DEAD && automaton.isAccepting(state);
  }

  private List<String> texts(String schema) {
    List<String> texts = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizers.load(Path.of("../sample-data/tickets/tokenizer.json"))) {
      Grammar grammar = Grammars.compile(Grammars.JSON_SCHEMA, schema, tokenizer, Set.of());
      for (int i = 0; i < VALUES; i++) {
        texts.add(RandomText.generate(grammar, tokenizer, 160, random));
      }
    }
    return texts;
  }

  /** The value with one change somewhere inside it, sometimes with none. */
  private JsonNode damaged(JsonNode value) {
    if (value instanceof ObjectNode object && !object.isEmpty() && random.nextInt(4) > 0) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      if (random.nextInt(4) == 0) {
        object.remove(name);
      } else {
        object.set(name, damaged(object.get(name)));
      }
      return object;
    }
    if (value instanceof ArrayNode array && random.nextInt(4) > 0) {
      if (array.isEmpty() || random.nextInt(3) == 0) {
        array.add(array.isEmpty() ? other(array) : array.get(0));
      } else if (random.nextInt(3) == 0) {
        array.remove(0);
      } else {
        int index = random.nextInt(array.size());
        array.set(index, damaged(array.get(index)));
      }
      return array;
    }
    return random.nextInt(3) == 0 ? value : other(value);
  }

  private JsonNode other(JsonNode value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(9)) {
      case 0 -> nodes.nullNode();
      case 1 -> nodes.booleanNode(random.nextBoolean());
      case 2 -> nodes.numberNode(random.nextInt(220) - 60);
      case 3 -> nodes.numberNode(BigDecimal.valueOf(random.nextInt(4000) - 500, 2));
      case 4 -> nodes.textNode(value.asText() + "\u00e9");
      case 5 -> nodes.textNode(value.asText().substring(value.asText().length() / 2));
      case 6 -> nodes.textNode("\ud83d\ude00\"\\\n".repeat(random.nextInt(4)));
      case 7 -> nodes.arrayNode().add(value.deepCopy());
      default -> nodes.objectNode().set("other", value.deepCopy());
    };
  }

  /** Compact, with numbers as plain decimals. */
  private static String plain(JsonNode value) throws Exception {
    return MAPPER
        .writer()
        .with(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
        .writeValueAsString(value);
  }
}
