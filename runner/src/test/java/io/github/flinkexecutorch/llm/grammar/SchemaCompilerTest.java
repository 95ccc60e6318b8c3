package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaCompilerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "true; {\"a\":[1,{\"b\":null}]}; true",
        "{}; [[[1]]]; true",
        "{}; [[[[1]]]]; false",
        "{\"type\":\"object\"}; {\"any\":\"thing\"}; true",
        "{\"type\":\"object\"}; {}; true",
        "{\"type\":\"array\"}; []; true",
        "{\"type\":\"array\"}; [1, \"a\",true]; true",
        "{\"type\":\"array\"}; [1 ,2]; false",
        "{\"type\":\"array\"}; [1,  2]; false",
        "{\"type\":\"string\"}; \"\\u00e9\\ud83d\\ude00\\n\\/\"; true",
        "{\"type\":\"string\"}; \"\\ud83d\"; false",
        "{\"type\":\"string\"}; \"\\ude00\"; false",
        "{\"type\":\"string\"}; \"\\x\"; false",
        "{\"type\":\"string\"}; \"a\tb\"; false",
        "{\"type\":\"string\",\"maxLength\":1}; \"\\ud83d\\ude00\"; true",
        "{\"type\":\"string\",\"maxLength\":1}; \"\ud83d\ude00\"; true",
        "{\"type\":\"string\",\"maxLength\":1}; \"\\u0041b\"; false",
        "{\"type\":\"string\",\"pattern\":\"^\\n\"}; \"\\nx\"; true",
        "{\"type\":\"string\",\"pattern\":\"^.\\\"$\"}; \"a\\\"\"; true",
        "{\"enum\":[\"a\\\"b\",{\"k\":[1,2]}]}; \"a\\\"b\"; true",
        "{\"enum\":[\"a\",{\"k\":[1,2]}]}; {\"k\": [1, 2]}; true",
        "{\"enum\":[\"a\",{\"k\":[1,2]}]}; {\"k\": [1]}; false",
        "{\"type\":\"integer\",\"enum\":[1,\"a\",2.5]}; 1; true",
        "{\"type\":\"integer\",\"enum\":[1,\"a\",2.5]}; 2.5; false",
        "{\"type\":\"string\",\"nullable\":true}; null; true",
        "{\"minimum\":3}; 2; false",
        "{\"minimum\":3}; 3.5; true",
        "{\"properties\":{\"a\":{},\"b\":{}}}; {\"b\":1}; true",
        "{\"properties\":{\"a\":{},\"b\":{}}}; {\"b\":1,\"a\":1}; false",
        "{\"properties\":{\"a\":{}}}; {\"c\":1}; false",
        "{\"properties\":{\"a\":{}},\"additionalProperties\":true}; {\"c\":1}; true",
        "{\"properties\":{\"a\":{\"type\":\"null\"}},\"additionalProperties\":true}; {\"a\":1}; false",
        "{\"properties\":{\"a\":{\"type\":\"null\"}},\"additionalProperties\":true}; {\"\\u0061\":1}; false",
        "{\"properties\":{\"a\":{\"type\":\"null\"}},\"additionalProperties\":true}; {\"ab\":1}; true",
        "{\"properties\":{},\"required\":[\"z\"]}; {\"z\":1}; true",
        "{\"properties\":{},\"required\":[\"z\"]}; {}; false",
        "{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":{\"type\":\"null\"}}; {}; false",
        "{\"type\":\"object\",\"maxProperties\":1}; {\"a\":1}; true",
        "{\"type\":\"object\",\"maxProperties\":1}; {\"a\":1,\"b\":1}; false",
        "{\"prefixItems\":[{\"const\":1},{\"const\":2}]}; [1]; true",
        "{\"prefixItems\":[{\"const\":1},{\"const\":2}]}; [2]; false",
        "{\"prefixItems\":[{\"const\":1}],\"items\":{\"const\":3}}; [1,3,3]; true",
        "{\"items\":{\"const\":3},\"minItems\":2}; [3]; false",
        "{\"items\":{\"const\":3},\"minItems\":2}; [3,3,3]; true",
        "{\"items\":{\"const\":3},\"maxItems\":2}; [3,3,3]; false",
        "{\"allOf\":[{\"minimum\":2},{\"maximum\":4,\"type\":\"integer\"}]}; 5; false",
        "{\"allOf\":[{\"minimum\":2},{\"maximum\":4,\"type\":\"integer\"}]}; 4; true",
        "{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{}},\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}; {}; false",
        "{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{}},\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}; {\"b\":0}; true",
        "{\"$ref\":\"#/definitions/a\",\"definitions\":{\"a\":{\"const\":1}}}; 1; true",
        "{\"properties\":{\"next\":{\"$ref\":\"#\"}}}; {\"next\":{\"next\":{}}}; true"
      })
  void shouldAcceptTheTextsOfTheSchema(String schema, String text, boolean accepted) {
    ByteAutomaton automaton = compile(schema);
    int state = automaton.step(0, text.getBytes(StandardCharsets.UTF_8));

    assertThat(state != ByteAutomaton.DEAD && automaton.isAccepting(state)).isEqualTo(accepted);
    if (accepted && !schema.contains("nullable")) { // which OpenAPI knows, and JSON schema does not
      assertThat(Schemas.errors(schema, text)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{\"type\":\"text\"}; at # has the type \"text\"",
        "{\"type\":[]}; at # has an empty list of types",
        "{\"properties\":{\"a\":{\"frequency\":1}}}; at #/properties/a has the keyword frequency",
        "{\"properties\":3}; has properties that are no object",
        "{\"required\":[1]}; has a required that is not a string",
        "{\"enum\":3}; has an enum that is no list",
        "{\"enum\":[\"a\"],\"minLength\":2}; has minLength beside enum or const",
        "{\"minLength\":-1}; has a minLength that is no integer >= 0",
        "{\"minLength\":\"1\"}; has a minLength that is no integer >= 0",
        "{\"minimum\":\"1\"}; has a minimum that is no number",
        "{\"exclusiveMinimum\":true}; has a exclusiveMinimum that is no number",
        "{\"minimum\":1e300}; has more than 40 digits",
        "{\"items\":[{}]}; has a list as items; use prefixItems",
        "{\"items\":3}; at #/items is neither an object nor a boolean",
        "{\"format\":\"color\"}; has the format color",
        "{\"pattern\":\"(\"}; a group without its end at position 1",
        "{\"$ref\":\"other.json\"}; refers to other.json, which is no place in this schema",
        "{\"$ref\":\"#/$defs/none\"}; refers to #/$defs/none, which is no place",
        "{\"anyOf\":[]}; has a anyOf that lists no schemas",
        "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}; one value may match together",
        "{\"oneOf\":[{\"type\":\"string\"},{\"const\":\"a\"}]}; one value may match together",
        "{\"oneOf\":[{\"type\":\"object\"},{\"type\":\"object\"}]}; one value may match together",
        "{\"oneOf\":[{},{\"type\":\"null\"}]}; one value may match together",
        "{\"allOf\":[{\"properties\":{\"a\":{}},\"additionalProperties\":false},{\"properties\":{\"b\":{}}}]}; combines additionalProperties with a schema that has the property b",
        "{\"allOf\":[{\"prefixItems\":[{}]},{\"items\":{}}]}; combines prefixItems with other items",
        "{\"properties\":{\"a\":{}},\"minProperties\":1}; has a minProperties that its required properties do not reach",
        "{\"properties\":{\"a\":{},\"b\":{}},\"maxProperties\":1}; has a maxProperties that its named properties may exceed",
        "{\"type\":\"object\",\"minProperties\":2,\"maxProperties\":1}; has a maxProperties below its minProperties",
        "false; No text matches the grammar",
        "{\"minimum\":2,\"maximum\":1}; No text matches the grammar",
        "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}; No text matches the grammar",
        "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}; No text matches the grammar",
        "{\"required\":[\"a\"],\"additionalProperties\":false}; No text matches the grammar",
        "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}; No text matches the grammar",
        "{\"$ref\":\"#\"}; No text matches the grammar",
        "[]; is neither an object nor a boolean",
        "{\"a\":1; it is no JSON: ",
        "{\"type\":\"null\",\"type\":\"string\"}; it is no JSON: Duplicate field 'type' at line 1"
      })
  void shouldSayWhatItCannotEnforce(String schema, String message) {
    assertThatThrownBy(() -> compile(schema))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_PARAMETER))
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void shouldRefuseSoonWhatWouldTakeForever(String schema) {
    long start = System.nanoTime();

    assertThatThrownBy(() -> compile(schema)).isInstanceOf(InvalidRequestException.class);

    assertThat((System.nanoTime() - start) / 1_000_000).as("milliseconds").isLessThan(20_000);
  }

  @Test
  void shouldTellOneOfBranchesApartByARequiredPropertyOfAClosedObject() {
    compile(
        "{\"oneOf\":["
            + "{\"type\":\"object\",\"properties\":{\"a\":{}},\"required\":[\"a\"]},"
            + "{\"type\":\"object\",\"properties\":{\"b\":{}},\"additionalProperties\":false}]}");
  }

  static List<String> bombs() {
    String doubling = // each definition holds the next one twice
        definitions("{\"properties\":{\"l\":%1$s,\"r\":%1$s},\"required\":[\"l\",\"r\"]}");
    String alternatives = definitions("{\"anyOf\":[%1$s,%1$s]}");
    String combinations =
        definitions("{\"allOf\":[{\"anyOf\":[{\"minimum\":1},{\"minimum\":2}]},%1$s]}");
    return List.of(
        doubling,
        alternatives,
        combinations,
        "{\"type\":\"string\",\"maxLength\":1000000000}",
        "{\"type\":\"string\",\"minLength\":1e400}",
        "{\"type\":\"string\",\"minLength\":100e2147483647}",
        "{\"type\":\"number\",\"minimum\":1e2147483648}",
        "{\"type\":\"integer\",\"enum\":[100e2147483647]}",
        "{\"items\":{\"items\":{\"items\":{},\"maxItems\":9999},\"maxItems\":9999},\"maxItems\":9999}",
        "{\"type\":\"object\",\"maxProperties\":99999999}",
        "{\"type\":\"string\",\"pattern\":\"(a|b)*a(a|b){40}\"}",
        "{\"items\":".repeat(200) + "{}" + "}".repeat(200),
        "{\"items\":".repeat(60_000) + "{}" + "}".repeat(60_000),
        "[".repeat(5_000));
  }

  private static String definitions(String body) {
    StringBuilder schema = new StringBuilder("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < 24; i++) {
      String next = "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}";
      schema.append("\"d" + i + "\":" + String.format(body, next) + ",");
    }
    return schema.append("\"d24\":{\"type\":\"integer\"}}}").toString();
  }

  private static ByteAutomaton compile(String schema) {
    return ByteAutomaton.of(Grammars.expression(Grammars.JSON_SCHEMA, schema));
  }
}
