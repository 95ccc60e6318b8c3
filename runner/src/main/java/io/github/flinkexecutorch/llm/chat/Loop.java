package io.github.flinkexecutorch.llm.chat;

import java.util.List;

/** The variable {@code loop} of a {@code for}. Calling it runs a recursive loop on other items. */
final class Loop implements Function {
  private final List<Object> items;
  private final int depth;
  private final Function recursion;
  private int index0 = -1;
  private Object lastChecked;

  /**
   * {@code recursion} is null in a loop that must not be called; its second argument is the depth.
   */
  Loop(List<Object> items, int depth, Function recursion) {
    this.items = items;
    this.depth = depth;
    this.recursion = recursion;
  }

  void advance() {
    index0++;
  }

  Object get(String name) {
    return switch (name) {
      case "index" -> index0 + 1L;
      case "index0" -> (long) index0;
      case "revindex" -> (long) items.size() - index0;
      case "revindex0" -> items.size() - index0 - 1L;
      case "first" -> index0 == 0;
      case "last" -> index0 == items.size() - 1;
      case "length" -> (long) items.size();
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" ->
          index0 > 0 ? items.get(index0 - 1) : new Undefined("there is no previous item");
      case "nextitem" ->
          index0 + 1 < items.size()
              ? items.get(index0 + 1)
              : new Undefined("there is no next item");
      case "cycle" -> (Function) (render, arguments) -> cycle(arguments);
      case "changed" -> (Function) (render, arguments) -> changed(arguments);
      default -> new Undefined("a loop has no such attribute");
    };
  }

  private Object cycle(Arguments arguments) {
    if (arguments.values().isEmpty()) {
      throw new TemplateException("cycle() has nothing to cycle through");
    }
    return arguments.values().get(index0 % arguments.values().size());
  }

  private boolean changed(Arguments arguments) {
    boolean changed = lastChecked == null || !Values.equal(lastChecked, arguments.values());
    lastChecked = arguments.values();
    return changed;
  }

  @Override
  public Object call(Render render, Arguments arguments) {
    if (recursion == null) {
      throw new TemplateException("a loop is called that does not say 'recursive'");
    }
    return recursion.call(render, Arguments.of(arguments.bind(1, "iterable").get(0), depth + 1L));
  }

  @Override
  public String toString() {
    return "<LoopContext " + (index0 + 1) + "/" + items.size() + ">";
  }
}
