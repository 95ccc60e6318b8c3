package io.github.flinkexecutorch.llm.grammar;

import java.util.List;

/**
 * The text of an array.
 *
 * @param first the first elements, one by one
 * @param rest every element after them, null if there is none
 * @param min least number of elements
 * @param max most elements, -1 for no limit
 */
record ArrayText(List<Expression> first, Expression rest, int min, int max) implements Expression {
  @Override
  public int before(int next, CharacterAutomaton automaton) {
    int end = Expression.literal("]").before(next, automaton);
    int limit = rest == null ? first.size() : max;
    int last = max >= 0 && limit >= 0 ? Math.min(limit, max) : limit;
    // Elements up to here are counted; behind them, one state stands for any number.
    int counted = last >= 0 ? last : Math.max(1, Math.max(first.size(), min));
    int after = automaton.state();
    if (counted >= min) {
      automaton.epsilon(after, end);
    }
    if (last < 0) {
      automaton.epsilon(after, element(counted, true).before(after, automaton));
    }
    for (int i = counted - 1; i >= 0; i--) {
      int state = automaton.state();
      automaton.epsilon(state, element(i, i > 0).before(after, automaton));
      if (i >= min) {
        automaton.epsilon(state, end);
      }
      after = state;
    }
    return Expression.literal("[").before(after, automaton);
  }

  private Expression element(int index, boolean comma) {
    Expression value = index < first.size() ? first.get(index) : rest;
    return comma ? Expression.sequence(JsonText.COMMA, value) : value;
  }
}
