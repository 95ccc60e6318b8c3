package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of a crash journal, of a fixed length, so that each can be written over in place.
 *
 * @param state of the request
 * @param digest of the request's key
 * @param name of the request's key, cut and with other characters than printable ASCII replaced
 */
record JournalLine(State state, String digest, String name) {
  static final int BYTES = 128;

  private static final int NAME_CHARACTERS = BYTES - 36;
  private static final Pattern PATTERN = Pattern.compile("([-RA]) ([0-9a-f]{32}) (.*?) *\n");

  /** What the first byte of a line says. */
  enum State {
    /** Not in work, or not any more. */
    OVER('-'),
    /** In work, as others may be. */
    RUNNING('R'),
    /** In work, and nothing else is in this job's part of the process. */
    ALONE('A');

    private final char letter;

    State(char letter) {
      this.letter = letter;
    }

    byte letter() {
      return (byte) letter;
    }

    private static State of(char letter) {
      return letter == ALONE.letter ? ALONE : letter == RUNNING.letter ? RUNNING : OVER;
    }
  }

  static JournalLine of(State state, JournalKey key) {
    String name = key.name().replaceAll("[^!-~]", "?");
    return new JournalLine(
        state, key.digest(), name.substring(0, Math.min(name.length(), NAME_CHARACTERS)));
  }

  byte[] encoded() {
    String line = state.letter + " " + digest + " " + name;
    return (line + " ".repeat(BYTES - 1 - line.length()) + "\n").getBytes(US_ASCII);
  }

  /** The line at this place, {@code null} where there is none or it was not written to its end. */
  static JournalLine at(byte[] journal, int offset) {
    if (journal.length < offset + BYTES) {
      return null;
    }
    Matcher line = PATTERN.matcher(new String(journal, offset, BYTES, US_ASCII));
    return line.matches()
        ? new JournalLine(State.of(line.group(1).charAt(0)), line.group(2), line.group(3))
        : null;
  }
}
