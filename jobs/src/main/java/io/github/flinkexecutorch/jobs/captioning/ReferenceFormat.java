package io.github.flinkexecutorch.jobs.captioning;

import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.ArrayResultIterator;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;

/** Reads the references of a split. A position in it is how many references were read. */
record ReferenceFormat(CaptioningInput input, int maxRowBytes)
    implements BulkFormat<ImageReference, ReferenceSplit> {
  private static final int BATCH = 64;

  @Override
  public Reader createReader(Configuration config, ReferenceSplit split) throws IOException {
    return restoreReader(config, split);
  }

  @Override
  public Reader restoreReader(Configuration config, ReferenceSplit split) throws IOException {
    References references = References.open(input, split, maxRowBytes);
    Reader reader = new Reader(references);
    try {
      reader.skip(split.alreadyRead());
      return reader;
    } catch (IOException | RuntimeException e) {
      references.close();
      throw e;
    }
  }

  @Override
  public boolean isSplittable() {
    return false;
  }

  @Override
  public TypeInformation<ImageReference> getProducedType() {
    return TypeInformation.of(ImageReference.class);
  }

  static final class Reader implements BulkFormat.Reader<ImageReference> {
    private final References references;
    private long position;

    private Reader(References references) {
      this.references = references;
    }

    private void skip(long count) throws IOException {
      while (position < count && references.next() != null) {
        position++;
      }
    }

    @Override
    public RecordIterator<ImageReference> readBatch() throws IOException {
      ImageReference[] batch = new ImageReference[BATCH];
      int size = 0;
      while (size < BATCH && (batch[size] = references.next()) != null) {
        size++;
      }
      if (size == 0) {
        return null;
      }
      ArrayResultIterator<ImageReference> records = new ArrayResultIterator<>();
      records.set(batch, size, CheckpointedPosition.NO_OFFSET, position);
      position += size;
      return records;
    }

    @Override
    public void close() throws IOException {
      references.close();
    }
  }
}
