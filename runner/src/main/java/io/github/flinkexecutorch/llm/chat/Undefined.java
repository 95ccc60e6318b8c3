package io.github.flinkexecutorch.llm.chat;

/**
 * What a name without a value stands for: empty when printed, tested or iterated; anything else is
 * an error.
 *
 * @param what said in the error
 */
record Undefined(String what) {
  static Undefined name(String name) {
    return new Undefined("'" + name + "' is undefined");
  }

  TemplateException error() {
    return new TemplateException(what);
  }
}
