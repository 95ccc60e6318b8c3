package io.github.flinkexecutorch.llm.grammar;

import java.util.ArrayList;
import java.util.List;

/** JSON values of any kind, as deep as a regular expression is asked to follow them. */
final class FreeValues {
  private FreeValues() {}

  /**
   * @param depth arrays and objects that may lie in each other; 0 for none
   */
  static Expression value(int depth) {
    List<Expression> kinds = new ArrayList<>();
    for (String word : List.of("null", "true", "false")) {
      kinds.add(Expression.literal(word));
    }
    kinds.add(NumberText.between(false, List.of(), List.of()));
    kinds.add(JsonText.string(CharacterAutomaton.anything()));
    if (depth > 0) {
      kinds.add(new ArrayText(List.of(), value(depth - 1), 0, -1));
      kinds.add(new ObjectText(List.of(), value(depth - 1), 0, -1));
    }
    return Expression.choice(kinds);
  }
}
