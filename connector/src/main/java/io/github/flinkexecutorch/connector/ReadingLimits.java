package io.github.flinkexecutorch.connector;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How much is read of one image, and for how long. Whoever reads is stopped by closing what it
 * reads from, because a read that waits for the other side looks at no clock.
 */
final class ReadingLimits implements Closeable {
  private static final int CHUNK = 1 << 16;

  private final long maxBytes;
  private final Duration timeout;
  private long deadline; // by System.nanoTime()
  private Timer timer; // started with the first reading that needs it

  ReadingLimits(long maxBytes, Duration timeout) {
    this.maxBytes = maxBytes;
    this.timeout = timeout;
    startTime();
  }

  /** The time limit counts from now on. */
  void startTime() {
    deadline = System.nanoTime() + timeout.toNanos();
  }

  /** Reads from something that can be closed from another thread. */
  interface Reading {
    byte[] read(Stop stop) throws IOException, RejectedRecordException;
  }

  /** What to close when time is up; the last one given counts. */
  static final class Stop {
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile Closeable open;

    /**
     * @throws IOException if time is up already
     */
    <T extends Closeable> T on(T opened) throws IOException {
      open = opened;
      if (over.get()) {
        opened.close();
        throw new IOException("Time is up");
      }
      return opened;
    }

    private void now() {
      over.set(true);
      Closeable closing = open;
      if (closing != null) {
        try {
          closing.close();
        } catch (IOException e) {
          return; // the reader will find out
        }
      }
    }
  }

  /**
   * Runs a reading within the time limit.
   *
   * @throws RejectedRecordException what the reading throws, {@link FailureKind#FETCH_TIMEOUT} if
   *     it was stopped, {@link FailureKind#FETCH_FAILED} if it failed
   */
  byte[] within(Reading reading) throws RejectedRecordException {
    Stop stop = new Stop();
    Runnable inTime = timer().runAfter(deadline - System.nanoTime(), stop::now);
    byte[] content = null;
    Exception failure = null;
    try {
      content = reading.read(stop);
    } catch (IOException | RuntimeException e) {
      failure = e;
    } finally {
      inTime.run();
    }
    if (stop.over.get()) { // what was closed may look like the end
      throw new RejectedRecordException(
          FailureKind.FETCH_TIMEOUT,
          "The images of the record were not read within %d ms; raise %s."
              .formatted(timeout.toMillis(), ExecuTorchOptions.IMAGE_FETCH_TIMEOUT.key()),
          failure);
    }
    if (failure != null) {
      throw failed("it cannot be read", failure); // messages of exceptions quote paths
    }
    return content;
  }

  /**
   * @throws RejectedRecordException if this many bytes are too many
   */
  void requireBytes(long bytes) throws RejectedRecordException {
    if (bytes > maxBytes) {
      throw new RejectedRecordException(
          FailureKind.IMAGE_TOO_LARGE,
          "The image has %s bytes, the limit is %d; raise %s."
              .formatted(
                  bytes == Long.MAX_VALUE ? "more" : Long.toString(bytes),
                  maxBytes,
                  ExecuTorchOptions.IMAGE_MAX_BYTES.key()));
    }
  }

  /** Everything up to the end of the stream, which may be endless. */
  byte[] readAll(InputStream in) throws IOException, RejectedRecordException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK];
    for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
      content.write(chunk, 0, length);
      requireBytes(content.size() > maxBytes ? Long.MAX_VALUE : content.size());
    }
    return content.toByteArray();
  }

  static RejectedRecordException failed(String why, Exception cause) {
    return new RejectedRecordException(
        FailureKind.FETCH_FAILED, "The image that the reference names: " + why + ".", cause);
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.close();
    }
  }

  private Timer timer() {
    if (timer == null) {
      timer = Timer.ofSystem("llm-image-clock");
    }
    return timer;
  }
}
