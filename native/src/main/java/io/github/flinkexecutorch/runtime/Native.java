package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every call through {@link NativeBridge} needs: text, views, errors and the runtime's log.
 */
final class Native {
  private static final Logger RUNTIME_LOG =
      LoggerFactory.getLogger("io.github.flinkexecutorch.runtime.native");
  private static final Charset PATHS = Charset.forName(System.getProperty("sun.jnu.encoding"));

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private Native() {}

  /**
   * Makes the runtime ready; every public way in goes through here before anything native.
   *
   * @throws ExecuTorchException saying why this process cannot run it, and what to change
   */
  static void require() {
    NativeLibrary.require();
    check(NativeBridge.et_initialize(PROCESSORS), "Cannot start the ExecuTorch runtime");
  }

  /**
   * Passes on what the runtime logged, then turns a status into an exception.
   *
   * @param tried what was tried
   */
  static void check(int status, String tried) {
    check(status, tried, "");
  }

  /** The same for the hot path: nothing is put together unless it failed. */
  static void check(int status, String tried, String subject) {
    if (status == 0) {
      drainLog();
    } else {
      throw failure(status, tried + subject);
    }
  }

  private static ExecuTorchException failure(int status, String what) {
    long[] text = new long[2];
    NativeBridge.et_error(text);
    String cause = string(view(text, 0));
    drainLog();
    ErrorCode code = ErrorCode.of(status);
    String message = what + ": " + code + String.format(" (0x%02x)", status);
    return new ExecuTorchException(code, cause.isEmpty() ? message : message + ". " + cause);
  }

  /** Hands the runtime's log records, of all threads, to SLF4J on this thread. */
  static void drainLog() {
    if (NativeBridge.et_log_pending() == 0) {
      return;
    }
    long[] taken = new long[2];
    NativeBridge.et_log_take(taken);
    string(view(taken, 0)).lines().forEach(line -> log(line.charAt(0), line.substring(1)));
  }

  private static void log(char level, String text) {
    switch (level) {
      case 'D' -> RUNTIME_LOG.debug("{}", text);
      case 'I' -> RUNTIME_LOG.info("{}", text);
      case 'E', 'F' -> RUNTIME_LOG.error("{}", text);
      default -> RUNTIME_LOG.warn("{}", text);
    }
  }

  /** A view of the native memory whose address and size are at {@code out[at]} and behind. */
  static ByteBuffer view(long[] out, int at) {
    return view(out[at], out[at + 1]);
  }

  static ByteBuffer view(long address, long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new ExecuTorchException(
          ErrorCode.NOT_SUPPORTED,
          "A native value has " + bytes + " bytes; at most 2 GiB - 1 can be seen from Java");
    }
    if (bytes == 0) {
      return ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());
    }
    return NativeBridge.et_view(address, bytes).order(ByteOrder.nativeOrder());
  }

  static String string(ByteBuffer utf8) {
    return StandardCharsets.UTF_8.decode(utf8).toString();
  }

  static byte[] terminated(String text) {
    return terminated(text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] terminated(Path path) {
    return terminated(path.toString().getBytes(PATHS));
  }

  private static byte[] terminated(byte[] bytes) {
    return Arrays.copyOf(bytes, bytes.length + 1);
  }
}
