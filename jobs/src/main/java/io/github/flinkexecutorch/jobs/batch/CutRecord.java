package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.connector.RecordHeader;
import io.github.flinkexecutorch.connector.RecordOrigin;
import java.util.OptionalLong;

/** Records of which only the beginning was kept, because they are larger than a record may be. */
final class CutRecord {
  private static final String BYTES = "bytes";

  /**
   * The beginning of a line, which is itself larger than allowed, so that it is refused.
   *
   * @param bytes of the whole line
   */
  static RecordOrigin of(String file, long offset, byte[] beginning, long bytes) {
    RecordHeader whole = new RecordHeader(BYTES, Long.toString(bytes).getBytes(UTF_8));
    return new RecordOrigin(file, -1, offset, -1, null, beginning, new RecordHeader[] {whole});
  }

  /** How many bytes the whole line has; empty for a record that was not cut. */
  static OptionalLong bytes(RecordOrigin record) {
    return record.headers().length == 0
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(new String(record.headers()[0].value(), UTF_8)));
  }

  private CutRecord() {}
}
