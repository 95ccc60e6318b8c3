package io.github.flinkexecutorch.llm.engine;

/** The time limit of a request passed; its generation has been stopped. */
public class GenerationTimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GenerationTimeoutException(String message) {
    super(message);
  }
}
