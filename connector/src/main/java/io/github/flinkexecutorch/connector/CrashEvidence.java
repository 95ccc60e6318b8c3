package io.github.flinkexecutorch.connector;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the journals of processes that did not end in order say about requests. One that was in work
 * beside others is suspected: it is to run alone. One that was alone in work when the process ended
 * had been suspected before, and is guilty.
 */
final class CrashEvidence {
  private static final Logger LOG = LoggerFactory.getLogger(CrashEvidence.class);

  private final Map<String, Path> guilty = new ConcurrentHashMap<>();
  private final Map<String, List<Place>> suspects = new ConcurrentHashMap<>();

  /** Where a request is noted. */
  private record Place(Path journal, int offset) {}

  private CrashEvidence() {}

  /** Reads the journals that were left behind; deletes those that say nothing any more. */
  static CrashEvidence in(JournalFolder folder) throws IOException {
    CrashEvidence evidence = new CrashEvidence();
    for (Path journal : folder.left()) {
      try {
        if (!evidence.add(journal)) {
          Files.deleteIfExists(journal);
        }
      } catch (NoSuchFileException e) {
        LOG.debug("Another task has deleted {} meanwhile", journal);
      }
    }
    if (!evidence.suspects.isEmpty() || !evidence.guilty.isEmpty()) {
      LOG.warn(
          "Processes have ended with requests in work: {} of these run alone now, {} are not tried"
              + " again",
          evidence.suspects.size(),
          evidence.guilty.size());
    }
    return evidence;
  }

  private boolean add(Path journal) throws IOException {
    boolean found = false;
    byte[] content = Files.readAllBytes(journal);
    for (int offset = 0; offset < content.length; offset += JournalLine.BYTES) {
      JournalLine line = JournalLine.at(content, offset);
      if (line == null || line.state() == JournalLine.State.OVER) {
        continue;
      }
      found = true;
      if (line.state() == JournalLine.State.ALONE) {
        guilty.put(line.digest(), journal);
      } else {
        suspects
            .computeIfAbsent(line.digest(), digest -> new ArrayList<>())
            .add(new Place(journal, offset));
      }
    }
    return found;
  }

  /** The journal that shows that the request ended a process, if there is one. */
  Optional<Path> against(JournalKey key) {
    return Optional.ofNullable(guilty.get(key.digest()));
  }

  boolean isSuspect(JournalKey key) {
    return suspects.containsKey(key.digest());
  }

  /** The request ran alone, and the process is still there. */
  void acquit(JournalKey key) {
    List<Place> places = suspects.remove(key.digest());
    for (Place place : places == null ? List.<Place>of() : places) {
      if (!Files.exists(place.journal())) {
        continue;
      }
      try (RandomAccessFile journal = new RandomAccessFile(place.journal().toFile(), "rw")) {
        if (journal.length() > place.offset()) {
          journal.seek(place.offset());
          journal.write(JournalLine.State.OVER.letter());
        }
      } catch (IOException e) { // it will run alone once more after the next restart
        LOG.warn("Request {} stays noted in {}: {}", key.name(), place.journal(), e.toString());
      }
    }
  }
}
