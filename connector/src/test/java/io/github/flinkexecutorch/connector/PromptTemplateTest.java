package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTemplateTest {
  private static final String RECORD =
      "{'text':'hi','n':7,'big':12345678901234567890,'half':0.5,'yes':true,'none':null,"
          + "'in':{'deep':{'er':'x'}},'list':[1,'two'],'tricky':'{{n}}','blank':' '}";

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "{{text}}, hi",
        "a {{text}} b, a hi b",
        "{{ text }}!, hi!",
        "{{text}}{{n}}, hi7",
        "{{big}}, 12345678901234567890",
        "{{half}} {{yes}}, 0.5 true",
        "{{in.deep.er}}, x",
        "`{{list}}`,`[1,\"two\"]`",
        "`{{in.deep}}`,`{\"er\":\"x\"}`",
        "{one} }} {{text}}, {one} }} hi",
        "{{blank}}{{text}}, ` hi`"
      })
  void shouldInsertFields(String template, String prompt) throws Exception {
    assertThat(render(template)).isEqualTo(prompt);
  }

  @Test
  void shouldNotExpandWhatARecordInserts() throws Exception {
    assertThat(render("{{tricky}}")).isEqualTo("{{n}}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gone", "none", "in.gone", "text.gone", "in.deep.er.gone", "list.0"})
  void shouldNameTheFieldWhenItIsMissing(String field) {
    assertThatThrownBy(() -> render("{{text}} {{" + field + "}}"))
        .isInstanceOfSatisfying(
            RejectedRecordException.class,
            e -> assertThat(e.kind()).isEqualTo(FailureKind.MISSING_FIELD))
        .hasMessageContaining("'" + field + "'");
  }

  @Test
  void shouldCallThePromptEmptyWhenAllFieldsAreBlank() {
    assertThatThrownBy(() -> render("Message: {{blank}}"))
        .isInstanceOfSatisfying(
            RejectedRecordException.class,
            e -> assertThat(e.kind()).isEqualTo(FailureKind.EMPTY_PROMPT));
  }

  @ParameterizedTest
  @CsvSource({
    "`{{text`, never closes",
    "`a {{}}`, without a name at character 2",
    "`{{ }}`, without a name",
    "`{{a..b}}`, without a name",
    "`{{a.}}`, without a name",
    "plain, same prompt",
    "`{one}`, same prompt",
    "``, same prompt"
  })
  void shouldRefuseTemplateThatCannotWork(String quoted, String reason) {
    String template = quoted.replace("`", "");
    assertThatThrownBy(() -> PromptTemplate.compile(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  private static String render(String template)
      throws RejectedRecordException, JsonProcessingException {
    JsonNode record = new ObjectMapper().readTree(RECORD.replace('\'', '"'));
    return PromptTemplate.compile(template).render(record).text();
  }
}
