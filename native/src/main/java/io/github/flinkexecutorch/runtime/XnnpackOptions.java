package io.github.flinkexecutorch.runtime;

import java.util.Objects;

/**
 * How XNNPACK loads the methods of one module.
 *
 * @param workspaceSharing who shares memory for intermediate results
 * @param weightCache whether modules share packed weights that have a name in the program: less
 *     memory for several modules of one program, but they then take turns computing
 */
public record XnnpackOptions(WorkspaceSharing workspaceSharing, boolean weightCache) {
  /** Modules that neither share nor wait. */
  public static final XnnpackOptions DEFAULTS =
      new XnnpackOptions(WorkspaceSharing.PER_MODEL, false);

  public XnnpackOptions {
    Objects.requireNonNull(workspaceSharing, "workspaceSharing");
  }
}
