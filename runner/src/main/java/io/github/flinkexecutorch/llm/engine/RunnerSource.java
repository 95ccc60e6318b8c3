package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.IRunner;

/** Where a pool gets its runners from; safe for use by several threads. */
interface RunnerSource extends AutoCloseable {
  /** A loaded runner, owned by the caller. */
  IRunner newRunner();

  /** SHA-256 of the model's files, in hexadecimal. */
  String modelDigest();

  /** Size of the model's files in bytes. */
  long modelBytes();

  /** Frees what the runners share; all of them must be closed. */
  @Override
  void close();
}
