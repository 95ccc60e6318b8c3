package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * A loop. Every turn has a scope of its own, so that nothing it sets is seen by the next.
 *
 * @param filter null if every item has its turn
 * @param otherwise runs if no turn comes to its end; also, as in Jinja2, if all are broken off
 */
record ForStatement(
    Target target,
    Expression items,
    Expression filter,
    boolean recursive,
    Statement body,
    Statement otherwise)
    implements Statement {

  @Override
  public Flow run(Scope scope) {
    return run(scope, items.value(scope), 0);
  }

  private Flow run(Scope scope, Object iterable, int depth) {
    List<Object> turns = filtered(scope, Values.items(scope.render(), iterable));
    Function recursion = recursive ? (render, arguments) -> inner(scope, arguments) : null;
    Loop loop = new Loop(turns, depth, recursion);
    boolean completed = false;
    for (Object item : turns) {
      scope.render().budget().step();
      loop.advance();
      Scope turn = scope.inner();
      turn.set("loop", loop);
      target.assign(turn, item);
      Flow flow = body.run(turn);
      completed |= flow == Flow.NEXT;
      if (flow == Flow.BREAK) {
        break;
      }
    }
    return completed ? Flow.NEXT : otherwise.run(scope.inner());
  }

  private Object inner(Scope scope, Arguments arguments) {
    int depth = (int) Values.integer(arguments.values().get(1));
    return scope.render().capture(() -> run(scope, arguments.values().get(0), depth));
  }

  private List<Object> filtered(Scope scope, List<Object> all) {
    if (filter == null) {
      return all;
    }
    List<Object> kept = new ArrayList<>();
    for (Object item : all) {
      scope.render().budget().step();
      Scope test = scope.inner();
      target.assign(test, item);
      if (Values.truth(filter.value(test))) {
        kept.add(item);
      }
    }
    return kept;
  }
}
