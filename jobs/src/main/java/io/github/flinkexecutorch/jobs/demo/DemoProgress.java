package io.github.flinkexecutorch.jobs.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Properties;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * Shows how many results a running job has written, committed or not. Owns a thread until {@link
 * #close()}. Where {@code demo.terminal} is true it is a bar, elsewhere a line every few seconds.
 */
final class DemoProgress implements AutoCloseable {
  static final String TERMINAL_PROPERTY = "demo.terminal"; // Java cannot tell for sure
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int TERMINAL_MS = 200;
  private static final int PLAIN_MS = 5_000;
  private static final int PLAIN_WIDTH = 100;

  private final Thread thread;
  private volatile boolean closed;
  private long count;
  private long countAtFirst;
  private long firstAt;
  private long lastAt;

  DemoProgress(int records, PrintStream screen, Properties client, String... topics) {
    this.thread = new Thread(() -> follow(records, screen, client, topics), "demo-progress");
    thread.start();
  }

  private void follow(int records, PrintStream screen, Properties client, String... topics) {
    boolean terminal = Boolean.getBoolean(TERMINAL_PROPERTY);
    ProgressBarConsumer output =
        terminal
            ? new ConsoleProgressBarConsumer(screen)
            : new DelegatingProgressBarConsumer(screen::println, PLAIN_WIDTH);
    try (Consumer<byte[], byte[]> results = Topic.follow(client, topics);
        ProgressBar bar =
            new ProgressBarBuilder()
                .setTaskName("  Enriching")
                .setInitialMax(records)
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" records", 1)
                .showSpeed()
                .setUpdateIntervalMillis(terminal ? TERMINAL_MS : PLAIN_MS)
                .setConsumer(output)
                .build()) {
      while (!closed) {
        bar.stepBy(arrived(results.poll(POLL).count()));
      }
      bar.stepBy(arrived(results.poll(POLL).count()));
    }
  }

  /** Records of every second from the first results to the last; once it is closed. */
  double recordsPerSecond() {
    return lastAt == firstAt ? 0 : (count - countAtFirst) * 1e9 / (lastAt - firstAt);
  }

  private int arrived(int records) {
    if (records > 0) {
      lastAt = System.nanoTime();
      if (count == 0) {
        firstAt = lastAt;
        countAtFirst = records;
      }
      count += records;
    }
    return records;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
