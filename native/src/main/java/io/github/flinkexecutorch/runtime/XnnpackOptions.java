package io.github.flinkexecutorch.runtime;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * How XNNPACK loads the methods of one module.
 *
 * @param workspaceSharing who shares memory for intermediate results
 * @param weightCache whether modules share packed weights that have a name in the program: less
 *     memory for several modules of one program, but they then take turns computing
 * @param packedCache absolute path of the file that keeps packed weights, made by the first load
 *     and mapped by later ones instead of packing again; one file for one program, trusted as the
 *     program is. Needs {@code weightCache}
 */
public record XnnpackOptions(
    WorkspaceSharing workspaceSharing, boolean weightCache, Optional<Path> packedCache) {
  /** Modules that neither share nor wait. */
  public static final XnnpackOptions DEFAULTS =
      new XnnpackOptions(WorkspaceSharing.PER_MODEL, false, Optional.empty());

  public XnnpackOptions {
    Objects.requireNonNull(workspaceSharing, "workspaceSharing");
    if (packedCache.isPresent() && !weightCache) {
      throw new IllegalArgumentException(
          "packedCache keeps what the weight cache holds: set weightCache too");
    }
    if (packedCache.isPresent() && !packedCache.get().isAbsolute()) {
      throw new IllegalArgumentException("packedCache must be absolute, got " + packedCache.get());
    }
  }
}
