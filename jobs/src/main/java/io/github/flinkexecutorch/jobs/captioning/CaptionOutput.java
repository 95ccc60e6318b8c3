package io.github.flinkexecutorch.jobs.captioning;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.jobs.JsonBytes;
import io.github.flinkexecutorch.jobs.files.OutputFolder;
import java.io.IOException;
import java.io.Serializable;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;

/**
 * The captions and dead letters of a run, and what sinks have committed of them.
 *
 * @param folder the folder that has both
 */
record CaptionOutput(OutputFolder folder) implements Serializable {
  static final String CAPTIONS = "captions";
  static final String DEAD_LETTERS = "dead-letters";

  Path captions() {
    return folder.resolve(CAPTIONS);
  }

  Path deadLetters() {
    return folder.resolve(DEAD_LETTERS);
  }

  /** Every caption record as a JSON object, read file by file as the stream goes. Close it. */
  Stream<String> captionLines() throws IOException {
    return folder.parts(CAPTIONS).stream()
        .flatMap(
            part ->
                OutputFolder.isParquet(part)
                    ? OutputFolder.rows(part, CaptionParquet.COLUMNS, CaptionParquet::record)
                        .map(record -> new String(JsonBytes.of(record), UTF_8))
                    : OutputFolder.lines(part));
  }

  /** Every dead letter as a JSON object, likewise. */
  Stream<String> deadLetterLines() throws IOException {
    return folder.parts(DEAD_LETTERS).stream().flatMap(OutputFolder::lines);
  }
}
