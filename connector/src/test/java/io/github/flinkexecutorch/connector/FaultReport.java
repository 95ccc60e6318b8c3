package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.annotation.Internal;

/**
 * What a fault did to the records of one test, by the row of docs/faults.md: written to {@code
 * target/faults}, from where {@code bin/test} gathers all of them.
 */
@Internal // jobs' tests have it on their class path as a jar of the connector
public final class FaultReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDER = Path.of("target", "faults");

  private final int row;
  private final String test;
  private final ObjectNode fields = JSON.createObjectNode();

  private FaultReport(int row, String test) {
    this.row = row;
    this.test = test;
    fields.put("row", row).put("test", test);
  }

  /**
   * The report of one test.
   *
   * @param test its class and method, as in {@code SomeITCase#shouldDoSo}
   */
  public static FaultReport row(int row, String test) {
    return new FaultReport(row, test).in(0).completions(0).deadLetters(0).duplicates(0).lost(0);
  }

  /** Figures of records by their keys, each of which is to have one completion or dead letter. */
  public FaultReport records(
      Collection<String> sent, Collection<String> completed, Collection<String> failed) {
    Set<String> found = new HashSet<>(completed);
    found.addAll(failed);
    Set<String> lost = new HashSet<>(sent);
    lost.removeAll(found);
    return in(sent.size())
        .completions(completed.size())
        .deadLetters(failed.size())
        .duplicates(completed.size() + failed.size() - found.size())
        .lost(lost.size());
  }

  /** Records that were sent. */
  public FaultReport in(long records) {
    return with("in", records);
  }

  /** Completions that consumers see. */
  public FaultReport completions(long records) {
    return with("completions", records);
  }

  /** Dead letters that consumers see. */
  public FaultReport deadLetters(long records) {
    return with("dead_letters", records);
  }

  /** Completions and dead letters more than one of the same record. */
  public FaultReport duplicates(long records) {
    return with("duplicates", records);
  }

  /** Records with neither a completion nor a dead letter. */
  public FaultReport lost(long records) {
    return with("lost", records);
  }

  public void write() throws IOException {
    Files.createDirectories(FOLDER);
    String name = "row-" + row + "-" + test.replaceAll("\\W", "-") + ".json";
    Files.writeString(FOLDER.resolve(name), fields + "\n");
  }

  private FaultReport with(String field, long records) {
    fields.put(field, records);
    return this;
  }
}
