package io.github.flinkexecutorch.jobs;

import org.apache.flink.annotation.Internal;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.function.RunnableWithException;

/** Ends the command line client of a job with one line that says why. */
@Internal
public final class JobExit {
  private static final int FAILED = 1;
  private static final int REFUSED = 2;

  /** Because an argument is wrong. */
  public static <E extends Exception> void refuse(String job, E e) throws E {
    end(job, e, e.getMessage() + "\nTry --help.", REFUSED);
  }

  /**
   * Follows a job to its end. A cluster in this process ends with it, and with one line where the
   * job failed.
   *
   * @param following returns when the job has ended
   */
  public static void after(
      String job, StreamExecutionEnvironment env, RunnableWithException following)
      throws Exception {
    boolean local = env instanceof LocalStreamEnvironment;
    try {
      following.run();
    } catch (Exception e) {
      if (!local) {
        throw e;
      }
      fail(job, e);
    }
    if (local) {
      System.exit(0); // whatever threads the cluster in this process has left
    }
  }

  private static <E extends Exception> void fail(String job, E e) throws E {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    end(job, e, root.getMessage() == null ? root.toString() : root.getMessage(), FAILED);
  }

  /**
   * Where Flink runs a main method inside a shared process, on another thread than the first,
   * ending the process would stop the jobs of others.
   */
  private static <E extends Exception> void end(String job, E e, String message, int exitCode)
      throws E {
    if (Thread.currentThread().getId() != 1) {
      throw e;
    }
    System.err.println(job + ": " + message);
    System.exit(exitCode);
  }

  private JobExit() {}
}
