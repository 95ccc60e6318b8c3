package io.github.flinkexecutorch.llm.engine;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Which execution of an engine is recorded, operator by operator. It is computed three times then,
 * two of them in methods that are loaded for it alone and take their memory once more.
 *
 * @param step number of the execution, 1 for the first; 0 for none
 * @param folder where its ETDump is written, besides the table in the log
 */
public record StepProfile(long step, Optional<Path> folder) {
  public static final StepProfile NONE = new StepProfile(0, Optional.empty());

  public StepProfile {
    Objects.requireNonNull(folder, "folder");
    if (step < 0) {
      throw new IllegalArgumentException("step must be >= 0 (0 for none); got " + step);
    }
  }
}
