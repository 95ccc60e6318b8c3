package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;

/** A recorder of execution events that methods are loaded with. */
final class EtDump implements AutoCloseable {
  private final long handle;

  private EtDump(long handle) {
    this.handle = handle;
  }

  static EtDump open() {
    long[] opened = new long[1];
    Native.check(NativeBridge.et_trace_open(opened), "Cannot record an ETDump");
    return new EtDump(opened[0]);
  }

  long handle() {
    return handle;
  }

  /** What was recorded, in ETDump form; empty if nothing ran. */
  byte[] finish() {
    long[] finished = new long[2];
    Native.check(NativeBridge.et_trace_finish(handle, finished), "Cannot finish the ETDump");
    ByteBuffer recorded = Native.view(finished, 0);
    byte[] bytes = new byte[recorded.remaining()];
    recorded.get(bytes);
    return bytes;
  }

  @Override
  public void close() {
    NativeBridge.et_trace_close(handle);
  }
}
