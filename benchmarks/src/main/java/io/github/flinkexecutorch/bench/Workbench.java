package io.github.flinkexecutorch.bench;

import io.github.flinkexecutorch.llm.engine.EngineStats;
import java.util.List;

/** Something that is open and generates. */
interface Workbench extends AutoCloseable {
  /** Generates for all prompts and returns when the last is done. */
  Tokens run(List<Prompt> prompts);

  /** What its engine has done since it was opened; nothing where that is not ours to ask. */
  default EngineStats stats() {
    return null;
  }

  @Override
  void close();
}
