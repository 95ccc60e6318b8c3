package io.github.flinkexecutorch.llm.chat;

import java.util.List;

/** One rendering: its budget, its output and the line it is at. Confined to one thread. */
final class Render {
  private final Budget budget;
  private Text.Builder out;
  private int line;

  Render(Budget budget) {
    this.budget = budget;
    this.out = new Text.Builder(budget);
  }

  Budget budget() {
    return budget;
  }

  int line() {
    return line;
  }

  void at(int newLine) {
    line = newLine;
    budget.step();
  }

  void print(Text text) {
    out.append(text);
  }

  Text output() {
    return out.build();
  }

  Text.Builder builder() {
    return new Text.Builder(budget);
  }

  /** What the action prints, instead of printing it. */
  Text capture(Runnable action) {
    Text.Builder outer = out;
    out = new Text.Builder(budget);
    try {
      action.run();
      return out.build();
    } finally {
      out = outer;
    }
  }

  Object call(Object callee, Arguments arguments) {
    budget.step();
    if (callee instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (!(callee instanceof Function function)) {
      throw new TemplateException("a value of type " + Values.typeName(callee) + " is called");
    }
    budget.enter();
    try {
      return charged(function.call(this, arguments));
    } finally {
      budget.leave();
    }
  }

  /** Charges what an operation made. */
  Object charged(Object made) {
    if (made instanceof Text text) {
      budget.work(text.length());
      budget.make(1);
    } else if (made instanceof List<?> list) {
      budget.work(8L * list.size());
    }
    return made;
  }
}
