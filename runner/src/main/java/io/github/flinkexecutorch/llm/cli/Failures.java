package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;

/** What the terminal says of an exception. */
final class Failures {
  private Failures() {}

  static String message(Exception e) {
    if (e instanceof InvalidModelException
        || e instanceof InvalidRequestException
        || e instanceof ExecuTorchException) {
      return e.getMessage();
    }
    if (e instanceof UncheckedIOException io) {
      return message(io.getCause());
    }
    if (e instanceof NoSuchFileException missing) {
      return "There is no file " + missing.getFile();
    }
    return e + " (--verbose shows where)";
  }
}
