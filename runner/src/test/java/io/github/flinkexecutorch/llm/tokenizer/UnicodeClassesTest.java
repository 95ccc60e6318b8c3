package io.github.flinkexecutorch.llm.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnicodeClassesTest {
  /** Code points of Unicode 14 to 17, with what Unicode 16 says of them. */
  @ParameterizedTest
  @CsvSource({
    "10570, \\p{Lu}",
    "10597, \\p{Ll}",
    "16AC0, \\p{Nd}",
    "31350, \\p{Lo}",
    "31350, \\p{IsHan}",
    "105C0, \\p{Lo}",
    "A7CB, \\p{Lu}",
    "295, \\p{Ll}",
    "16EA0, \\P{L}",
    "88F, \\P{L}",
  })
  void shouldStandInForCharactersOfTheSameClass(String point, String pattern) {
    String text = "a" + Character.toString(Integer.parseInt(point, 16)) + "b";
    String shadow = UnicodeClasses.shadow(text);

    assertThat(shadow).hasSameSizeAs(text).startsWith("a").endsWith("b");
    assertThat(shadow).matches(Pattern.compile("a" + pattern + "b"));
  }

  @ParameterizedTest
  @CsvSource({"plain text", "größe", "日本語 😀"})
  void shouldLeaveOldCharactersAlone(String text) {
    assertThat(UnicodeClasses.shadow(text)).isSameAs(text);
  }
}
