package io.github.flinkexecutorch.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The kinds of arguments that operators take, of operators.tsv: one letter for each argument. A
 * small letter is for one that may also be {@code None}; {@code r} for a scalar that the operator
 * writes.
 */
final class OperatorArguments {
  private static final Map<String, String> BY_OPERATOR = read();

  // Members of the union of values in program.fbs, by letter; 1 is None.
  private static final int NONE = 1;
  private static final Map<Character, String> MEMBERS =
      Map.ofEntries(
          Map.entry('I', "\2"),
          Map.entry('B', "\3"),
          Map.entry('D', "\4"),
          Map.entry('N', "\2\3\4"),
          Map.entry('R', "\1\2\3\4"),
          Map.entry('T', "\5"),
          Map.entry('S', "\6"),
          Map.entry('L', "\7"),
          Map.entry('F', "\10"),
          Map.entry('C', "\11"),
          Map.entry('V', "\12"),
          Map.entry('W', "\13"));

  private OperatorArguments() {}

  /** The letters of an operator, empty if it is none of the runtime's own. */
  static String of(String operator) {
    return BY_OPERATOR.getOrDefault(operator, "");
  }

  /** Whether a member of the union of values can be an argument of a letter. */
  static boolean fits(char letter, int member) {
    char capital = Character.toUpperCase(letter);
    return (letter != capital && member == NONE)
        || MEMBERS.get(capital).indexOf((char) member) >= 0;
  }

  private static Map<String, String> read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    OperatorArguments.class.getResourceAsStream("operators.tsv")),
                StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .map(line -> line.split("\t", -1))
          .collect(Collectors.toUnmodifiableMap(columns -> columns[0], columns -> columns[1]));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read operators.tsv of the executorch-runtime jar", e);
    }
  }
}
