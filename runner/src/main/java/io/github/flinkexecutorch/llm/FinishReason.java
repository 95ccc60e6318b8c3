package io.github.flinkexecutorch.llm;

/** Why a generation ended. */
public enum FinishReason {
  /** The model produced an end-of-sequence token or a stop text, or its grammar allowed no more. */
  STOP,
  /** The token limit or the end of the context was reached. */
  LENGTH,
  /** Somebody called {@code stop()} or cancelled the request. */
  CANCELLED
}
