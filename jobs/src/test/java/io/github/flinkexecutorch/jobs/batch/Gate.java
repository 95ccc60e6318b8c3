package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.RecordOrigin;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.RecordAndPosition;

/**
 * Holds the source of a job in this JVM back, so that what shall happen in the middle of the input
 * does: checkpoints go on while no record may pass.
 */
record Gate(RecordFormat format) implements BulkFormat<RecordOrigin, FileSourceSplit> {
  private static final AtomicLong PASSED = new AtomicLong();
  private static final AtomicLong LIMIT = new AtomicLong();
  private static final long PAUSE_MS = 5;

  /** Lets so many more records through, or some more than that, because they come in batches. */
  static void letThrough(long records) {
    LIMIT.set(PASSED.get() + records);
  }

  /** Holds nothing back from now on. */
  static void open() {
    LIMIT.set(Long.MAX_VALUE);
  }

  @Override
  public Reader createReader(Configuration config, FileSourceSplit split) throws IOException {
    return new Reader(format.createReader(config, split));
  }

  @Override
  public Reader restoreReader(Configuration config, FileSourceSplit split) throws IOException {
    return new Reader(format.restoreReader(config, split));
  }

  @Override
  public boolean isSplittable() {
    return format.isSplittable();
  }

  @Override
  public TypeInformation<RecordOrigin> getProducedType() {
    return format.getProducedType();
  }

  record Reader(RecordFormat.Reader reader) implements BulkFormat.Reader<RecordOrigin> {

    @Override
    public RecordIterator<RecordOrigin> readBatch() throws IOException {
      List<RecordAndPosition<RecordOrigin>> batch = new ArrayList<>();
      if (PASSED.get() < LIMIT.get()) {
        RecordIterator<RecordOrigin> records = reader.readBatch();
        if (records == null) {
          return null;
        }
        for (RecordAndPosition<RecordOrigin> next = records.next();
            next != null;
            next = records.next()) {
          batch.add(next);
        }
        PASSED.addAndGet(batch.size());
      } else {
        pause(); // and give nothing, so that whoever asks may see that the job ends
      }
      return new RecordFormat.Batch(batch.iterator());
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }

    private static void pause() throws IOException {
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }
  }
}
