package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.RecordOrigin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.RecordAndPosition;

/** Reads the records of a split, a few at a time. */
record RecordFormat(BatchInput input, int maxBytes)
    implements BulkFormat<RecordOrigin, FileSourceSplit> {
  private static final int BATCH_RECORDS = 64;
  private static final int BATCH_BYTES = 1 << 20;

  @Override
  public Reader createReader(Configuration config, FileSourceSplit split) throws IOException {
    return restoreReader(config, split);
  }

  @Override
  public Reader restoreReader(Configuration config, FileSourceSplit split) throws IOException {
    return new Reader(RecordReader.open(input, split, maxBytes));
  }

  @Override
  public boolean isSplittable() {
    return true;
  }

  @Override
  public TypeInformation<RecordOrigin> getProducedType() {
    return TypeInformation.of(RecordOrigin.class);
  }

  record Reader(RecordReader records) implements BulkFormat.Reader<RecordOrigin> {

    @Override
    public RecordIterator<RecordOrigin> readBatch() throws IOException {
      List<RecordAndPosition<RecordOrigin>> batch = new ArrayList<>();
      int bytes = 0;
      while (batch.size() < BATCH_RECORDS && bytes < BATCH_BYTES) {
        RecordAndPosition<RecordOrigin> next = records.next();
        if (next == null) {
          break;
        }
        batch.add(next);
        bytes += next.getRecord().value().length;
      }
      return batch.isEmpty() ? null : new Batch(batch.iterator());
    }

    @Override
    public void close() throws IOException {
      records.close();
    }
  }

  /** Records that were read. */
  record Batch(Iterator<RecordAndPosition<RecordOrigin>> records)
      implements RecordIterator<RecordOrigin> {

    @Override
    public RecordAndPosition<RecordOrigin> next() {
      return records.hasNext() ? records.next() : null;
    }

    @Override
    public void releaseBatch() {}
  }
}
