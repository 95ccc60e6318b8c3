package io.github.flinkexecutorch.connector;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.annotation.Internal;

/**
 * Free ports for processes that are told theirs before they start. They are below those that the
 * system gives to whoever asks for any port, so that nobody has taken them until then.
 */
@Internal // jobs' tests have it on their class path as a jar of the connector
public final class FreePorts {
  private static final int FIRST = 20_000;
  private static final int END = 32_000; // Linux gives out those from 32768 on

  /** From a place that other builds on this machine hardly begin at. */
  private static int next = ThreadLocalRandom.current().nextInt(FIRST, END);

  /** A port that was not given to anybody else in this process. */
  public static int one() {
    return row(1);
  }

  /**
   * The first of several such ports in a row.
   *
   * @param length how many
   */
  public static synchronized int row(int length) {
    for (int tried = FIRST; tried < END; tried += length) {
      int first = next + length <= END ? next : FIRST;
      next = first + length;
      if (allFree(first, length)) {
        return first;
      }
    }
    throw new IllegalStateException("No " + length + " free ports from " + FIRST + " to " + END);
  }

  private static boolean allFree(int first, int length) {
    for (int port = first; port < first + length; port++) {
      try {
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
      } catch (IOException e) {
        return false; // in use
      }
    }
    return true;
  }

  private FreePorts() {}
}
