package io.github.flinkexecutorch.llm.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that run wild end within their limits, as the fault of one request. */
@Timeout(30)
class ChatTemplateLimitsTest {
  private static final String NESTED_LOOPS =
      "{% for a in range(100000) %}{% for b in range(100000) %}"
          + "{% for c in range(100000) %}{% endfor %}{% endfor %}{% endfor %}";

  @Test
  void shouldEndALoopThatTakesTooManySteps() {
    ChatLimits limits = new ChatLimits(1000, 1000, 1L << 40, 100_000, 100, Duration.ofMinutes(1));
    assertThat(refusal(ChatTemplate.of(NESTED_LOOPS, Map.of(), limits)))
        .hasMessageContaining("more than 100000 steps");
  }

  @Test
  void shouldEndARenderingAtItsTimeout() {
    ChatLimits limits = new ChatLimits(1000, 1000, 1L << 40, 1L << 40, 100, Duration.ofMillis(200));
    ChatTemplate template = ChatTemplate.of(NESTED_LOOPS, Map.of(), limits);
    long start = System.nanoTime();
    InvalidRequestException refusal = refusal(template);
    assertThat(refusal).hasMessageContaining("runs longer than 200 ms");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(200)); // to its own end it would take years
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 'a' * 1000000000 }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ 'a' | indent(1000000000, true) }}",
        "{{ [1] | tojson(indent=1000000000) }}",
        "{{ 'aaaaaaaa' | replace('', 'b' * 1000000) }}",
        "{{ ('a' * 1000000) | replace('a', 'b' * 1000000) }}",
        "{{ ['a' * 1000000] * 1000000 }}",
        "{{ ([1] * 1000000000) | length }}",
        "{{ [1] | batch(1000000000, 0) | list | length }}",
        "{{ [1] | slice(1000000000) | list | length }}",
        "{{ ('a' * 4000000) | list | length }}",
        "{% for c in 'a' * 4000000 %}{% endfor %}",
        "{{ ('a ' * 2000000).split() | length }}",
        "{% set ns = namespace(n=1) %}{% for a in range(100000) %}{% for b in range(100) %}"
            + "{% set ns.n = namespace(n=ns.n) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(n=1) %}{% for a in range(100000) %}{% for b in range(100) %}"
            + "{% set ns.n = {'n': ns.n} %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(n=1) %}{% for a in range(100000) %}{% for b in range(100) %}"
            + "{% set ns.n = [ns.n, 'a' ~ b] %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(n=1) %}{% for a in range(100000) %}{% for b in range(100) %}"
            + "{% macro f(x=ns.n) %}{{ x }}{% endmacro %}{% set ns.n = f %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(n=1) %}{% for a in range(100000) %}{% for b in range(100) %}"
            + "{% set ns.n = (ns.n, loop) %}{% endfor %}{% endfor %}",
        "{{ '0' | int + 2 ** 1000000000 }}",
        "{{ '%99999999d' | format(1) }}",
        "{% for a in range(100000) %}{{ 'a' * 100000 }}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(100) %}"
            + "{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l == ns.l + [] }}{{ ns.l }}",
        "{% set ns = namespace(l=[1], m=[1]) %}{% for a in range(60) %}"
            + "{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}"
            + "{{ ns.l == ns.m }}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(50) %}"
            + "{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}",
        "{% set ns = namespace(s='a', l=[]) %}{% for a in range(1000) %}"
            + "{% set ns.l = ns.l + [('b' * 1000000) ~ a] %}{% endfor %}",
        "{% set ns = namespace(s='a') %}{% for a in range(1000) %}"
            + "{% set ns.s = ns.s ~ ns.s %}{% endfor %}"
      })
  void shouldEndATemplateThatMakesTooMuch(String source) {
    assertThat(refusal(source).reason()).isEqualTo(Reason.TEMPLATE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
        "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{{ f() }}",
        "{% set l = [1] %}{% for x in l recursive %}{{ loop(l) }}{% endfor %}"
      })
  void shouldEndARecursion(String source) {
    assertThat(refusal(source)).hasMessageContaining("nested deeper than 100");
  }

  @Test
  void shouldRefuseAValueThatIsNestedByTheTemplateWithoutEnd() {
    String source =
        "{% set ns = namespace(l=[], m=[]) %}{% for a in range(100000) %}"
            + "{% set ns.l = [ns.l] %}{% set ns.m = [ns.m] %}{% endfor %}";
    assertThat(refusal(source + "{{ ns.l == ns.m }}")).hasMessageContaining("too deep");
    assertThat(refusal(source + "{{ ns.l }}")).hasMessageContaining("nested deeper");
  }

  @Test
  void shouldRefuseAMessageThatHoldsItself() {
    List<Object> content = new ArrayList<>();
    content.add(content);
    ChatMessage message = ChatMessage.user("hi").with("content", content);
    assertThatThrownBy(
            () -> ChatTemplate.of("{{ 1 }}", "", "").render(List.of(message), ChatOptions.NONE))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("nested deeper than 64");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "[", "{1:", "-", "not ", "1 if ", "x[", "x(", "1 is eq("})
  void shouldRefuseDeepExpressionsWhenParsing(String opening) {
    assertUnparsable("{{ " + opening.repeat(50_000));
  }

  @Test
  void shouldRefuseDeepStatementsWhenParsing() {
    assertUnparsable("{% if 1 %}".repeat(50_000));
    assertUnparsable("{% if 1 %}" + "{% elif 1 %}".repeat(50_000));
    assertUnparsable("{% for x in y %}".repeat(50_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {" + 1", " ~ 1", " | abs", ".x", " or 0", " * 1", " < 2", "[0]"})
  void shouldSurviveLongChains(String link) {
    String source = "{{ 1" + link.repeat(100_000) + " }}";
    try {
      ChatTemplate.of(source, "", "").render(List.of(), ChatOptions.NONE);
    } catch (InvalidRequestException | InvalidModelException e) {
      assertThat(e).hasMessageContaining("chat template");
    }
  }

  @Test
  void shouldRefuseALongTemplate() {
    assertUnparsable("a".repeat(2 << 20));
  }

  @ParameterizedTest
  @CsvSource({
    "{% nope %}, 1, the tag 'nope' is unknown",
    "'a\n\n{{ x y }}', 3, }} is expected",
    "'\n{% if x %}\n', 2, the template ends before one of",
    "{{ x | nope }}, 1, there is no filter 'nope'",
    "'\n\n\n{# a', 4, a comment is never closed",
    "{% include 'x' %}, 1, would need other templates"
  })
  void shouldNameLineAndCauseOfATemplateThatDoesNotParse(String source, int line, String cause) {
    assertThatThrownBy(() -> ChatTemplate.of(source, "", ""))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("line " + line + ":")
        .hasMessageContaining(cause);
  }

  private static void assertUnparsable(String source) {
    assertThatThrownBy(() -> ChatTemplate.of(source, "", ""))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("The chat template given as text");
  }

  private static InvalidRequestException refusal(String source) {
    return refusal(ChatTemplate.of(source, "<s>", "</s>"));
  }

  private static InvalidRequestException refusal(ChatTemplate template) {
    return catchThrowableOfType(
        InvalidRequestException.class, () -> template.render(List.of(), ChatOptions.NONE));
  }
}
