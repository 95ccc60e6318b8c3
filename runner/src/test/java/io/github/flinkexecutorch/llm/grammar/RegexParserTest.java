package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexParserTest {
  /** Characters that the regular expressions of the tests treat differently. */
  private static final String ALPHABET = "abcAZ09_ -.[]{}\\\n\t\u00e4\u03a9\u2028\ud83d\ude00";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "ab|c*",
        "(a|b)+c?",
        "(?:a{2}|b{1,3}){2,}",
        "(?<name>a)b|(?P<other>c)",
        "a*?b+?c??a{1,2}?",
        ".",
        "a.b",
        "[abc]{2}",
        "[^abc]",
        "[a-c-]+",
        "[-a]",
        "[\\]]",
        "\\d+\\.\\d",
        "\\w\\W?",
        "[\\d\\-_]*",
        "[^\\w.]",
        "\\s",
        "\\p{Lu}\\p{L}*",
        "\\P{L}",
        "\\x61\\u0062",
        "\\[\\{\\}\\]",
        "]|}",
        "a\\tb|\\n",
        "\u00e4|\ud83d\ude00+",
        "^ab$|^c",
        "[.*+]"
      })
  void shouldMatchWhatJavaMatches(String regex) {
    Automaton automaton = CharacterAutomaton.of(RegexParser.parseWhole(regex));
    // Java knows Python's named groups by another spelling.
    Pattern pattern = Pattern.compile(regex.replace("(?P<", "(?<"));
    Random random = new Random(regex.hashCode());
    for (int i = 0; i < 4000; i++) {
      String text = randomText(random);
      assertThat(Operations.run(automaton, text))
          .as("%s on %s", regex, text)
          .isEqualTo(pattern.matcher(text).matches());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "^a", "a$", "^a$", "^a|b$", "ab*", "^(?:a|b)c", ""})
  void shouldFindWhatJavaFinds(String regex) {
    Automaton automaton = CharacterAutomaton.of(RegexParser.parseAnywhere(regex));
    // With \z, since Java's $ also matches before a last line end; ECMAScript's does not.
    Pattern pattern = Pattern.compile(regex.replace("$", "\\z"));
    Random random = new Random(regex.hashCode());
    for (int i = 0; i < 4000; i++) {
      String text = randomText(random);
      assertThat(Operations.run(automaton, text))
          .as("%s on %s", regex, text)
          .isEqualTo(pattern.matcher(text).find());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "(a)\\1;a backreference at position 3",
        "(?<n>a)\\k<n>;a backreference at position 7",
        "a(?=b);lookahead at position 3",
        "a(?!b);lookahead at position 3",
        "(?<=a)b;lookbehind at position 2",
        "(?<!a)b;lookbehind at position 2",
        "(?i)a;a group with flags, or an atomic group at position 2",
        "(?>a);a group with flags, or an atomic group at position 2",
        "a\\b;a word boundary at position 1",
        "a^b;an anchor that is not at an end at position 1",
        "a$b;this place at position 2",
        "(^a);an anchor that is not at an end at position 1",
        "(a$);an anchor inside a group at position 2",
        "a++;a possessive quantifier at position 1",
        "a**;a quantifier behind a quantifier at position 2",
        "*a;a quantifier with nothing before it (for the character, escape it) at position 0",
        "a{2,1};a malformed quantifier (for the character {, escape it) at position 1",
        "a{,3};a quantifier without a number, or above 10000 at position 1",
        "a{10001};a quantifier above 10000 at position 1",
        "a{2147483648};a quantifier without a number, or above 10000 at position 1",
        "(a;a group without its end at position 2",
        "a);a closing parenthesis without its group at position 1",
        "[a;a character class without its end at position 0",
        "[];an empty character class at position 0",
        "[a[b]];a class inside a class (for the character, escape it) at position 2",
        "[a&&b];a class inside a class (for the character, escape it) at position 2",
        "[z-a];a range between classes, or from a higher to a lower character at position 1",
        "[\\w-z];a range between classes, or from a higher to a lower character at position 1",
        "\\p{Greek};a Unicode property that is no general category such as \\p{Lu} at position 0",
        "\\q;the escape \\q at position 0",
        "\\x1;an escape without its 2 hexadecimal digits at position 0",
        "a\\;a backslash with nothing behind it at position 1"
      })
  void shouldNameWhatItDoesNotSupport(String regex, String what) {
    assertThatThrownBy(() -> RegexParser.parseWhole(regex))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(what);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "((((a{99}){99}){99}){99}){99}",
        "(((((){9999}){9999}){9999}){9999}){9999}",
        "(.*a.{30}){10}",
        "(a?){9999}a{9999}",
        "((a*)*b?){5000}"
      })
  void shouldRefuseSoonWhatWouldTakeForever(String regex) {
    long start = System.nanoTime();

    assertThatThrownBy(() -> ByteAutomaton.of(RegexParser.parseWhole(regex)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("too large");

    assertThat((System.nanoTime() - start) / 1_000_000).as("milliseconds").isLessThan(20_000);
  }

  @Test
  void shouldRefuseGroupsThatLieTooDeep() {
    String regex = "(".repeat(10_000) + ")".repeat(10_000);

    assertThatThrownBy(() -> RegexParser.parseWhole(regex))
        .hasMessageContaining("more than 64 groups in each other");
  }

  private static String randomText(Random random) {
    int[] alphabet = ALPHABET.codePoints().toArray();
    return random
        .ints(random.nextInt(5), 0, alphabet.length)
        .mapToObj(i -> Character.toString(alphabet[i]))
        .collect(Collectors.joining());
  }
}
