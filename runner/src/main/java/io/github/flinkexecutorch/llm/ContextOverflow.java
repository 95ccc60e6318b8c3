package io.github.flinkexecutorch.llm;

/** What becomes of a prompt that is too long for the model's context. */
public enum ContextOverflow {
  /** It is refused, with {@link InvalidRequestException.Reason#CONTEXT_OVERFLOW}. */
  FAIL,
  /** Its beginning is left out. */
  TRUNCATE_HEAD,
  /** Its middle is left out. */
  TRUNCATE_MIDDLE,
  /** Its end is left out. */
  TRUNCATE_TAIL
}
