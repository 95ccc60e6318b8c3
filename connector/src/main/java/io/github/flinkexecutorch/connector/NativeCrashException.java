package io.github.flinkexecutorch.connector;

import java.nio.file.Path;

/** A request that is not tried, because it has ended a process. */
final class NativeCrashException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NativeCrashException(String id, Path journal) {
    super(
        "Request %s is not tried again: a process ended while it was in work among others, and then another one while it was in work alone. Journal %s says so; delete it to have the request tried once more."
            .formatted(id, journal));
  }
}
