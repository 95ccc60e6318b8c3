package io.github.flinkexecutorch.bench;

import java.util.List;

/** Something that is open and generates. */
interface Workbench extends AutoCloseable {
  /** Generates for all prompts and returns when the last is done. */
  Tokens run(List<Prompt> prompts);

  @Override
  void close();
}
