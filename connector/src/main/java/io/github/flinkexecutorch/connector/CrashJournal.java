package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.flinkexecutorch.connector.JournalFolder.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes on disk which requests of a subtask are in work, for whoever comes after a crash of the
 * process. Nothing is flushed: what a process has written outlives it, if not the machine.
 *
 * <p>Safe for use by several threads. A journal that cannot be written is given up, with a warning:
 * requests are completed as if there were none.
 */
final class CrashJournal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CrashJournal.class);
  private static final int NOT_NOTED = -1;
  private static final byte[] OVER = {JournalLine.State.OVER.letter()};
  private static final int FIRST_LINES =
      64; // on disk from the start, so that a full one matters less

  private final Journal journal;
  private final Thread orderlyEnd = new Thread(this::delete, "crash-journal-end");
  private final Deque<Integer> free = new ArrayDeque<>();
  private int lines;
  private boolean closed;

  private CrashJournal(Journal journal) {
    this.journal = journal;
  }

  /**
   * @throws IOException naming the folder if the journal cannot be written
   */
  static CrashJournal in(JournalFolder folder) throws IOException {
    byte[] empty =
        (" ".repeat(JournalLine.BYTES - 1) + "\n").repeat(FIRST_LINES).getBytes(US_ASCII);
    CrashJournal journal = new CrashJournal(folder.create(empty));
    while (journal.lines < FIRST_LINES) {
      journal.free.add(journal.lines++);
    }
    try {
      Runtime.getRuntime().addShutdownHook(journal.orderlyEnd);
    } catch (IllegalStateException e) { // the process is ending already
      journal.delete();
    }
    return journal;
  }

  /**
   * Work on a request begins.
   *
   * @return for {@link #end}
   */
  synchronized int begin(JournalKey key, boolean alone) {
    if (closed) {
      return NOT_NOTED;
    }
    int line = free.isEmpty() ? lines++ : free.pop();
    JournalLine.State state = alone ? JournalLine.State.ALONE : JournalLine.State.RUNNING;
    return write(line, JournalLine.of(state, key).encoded()) ? line : NOT_NOTED;
  }

  /** Work on a request is over, in whatever way. */
  synchronized void end(int line) {
    if (line != NOT_NOTED && !closed && write(line, OVER)) {
      free.push(line);
    }
  }

  private boolean write(int line, byte[] content) {
    try {
      journal.open().seek((long) line * JournalLine.BYTES);
      journal.open().write(content);
      return true;
    } catch (IOException e) {
      // What it still says would be wrong soon.
      LOG.warn(
          "Crash journal {} cannot be written ({}) and is given up until the task starts again: a"
              + " request that ends this process will not be known",
          journal.file(),
          e.toString());
      delete();
      return false;
    }
  }

  /** Says to those who come after that nothing is in work any more. */
  @Override
  public void close() {
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(orderlyEnd);
    } catch (IllegalStateException e) {
      return; // the process is ending, and the hook has run or will
    }
  }

  private synchronized void delete() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      Files.deleteIfExists(journal.file()); // before the lock is given back
      journal.open().close();
    } catch (IOException e) {
      LOG.warn("Crash journal {} cannot be deleted: {}", journal.file(), e.toString());
    }
  }
}
