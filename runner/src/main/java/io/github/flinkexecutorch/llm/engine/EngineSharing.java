package io.github.flinkexecutorch.llm.engine;

/** Who shares an {@link LLMEngine}. */
public enum EngineSharing {
  /**
   * All users of a process that open the same model with the same options: one copy of the weights,
   * one pool of KV pages, and their prompts in the same steps.
   */
  PROCESS,
  /** Nobody: each user opens its own. */
  SLOT
}
