package io.github.flinkexecutorch.jobs.files;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.parquet.ParquetInputFile;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** The rows of a Parquet file on any of Flink's file systems. */
@Internal
public final class ParquetRows implements Closeable {
  private final Path file;
  private final MessageType schema;
  private final ParquetReader<Group> reader;

  private ParquetRows(Path file, MessageType schema, ParquetReader<Group> reader) {
    this.file = file;
    this.schema = schema;
    this.reader = reader;
  }

  /**
   * Opens a file for those of {@code columns} that it has and that are no groups.
   *
   * @throws IOException naming the file if it cannot be read or is no Parquet file
   */
  public static ParquetRows open(Path file, Set<String> columns) throws IOException {
    MessageType whole = schema(file);
    List<Type> wanted =
        whole.getFields().stream()
            .filter(field -> field.isPrimitive() && columns.contains(field.getName()))
            .toList();
    return open(file, new MessageType(whole.getName(), wanted), 0, Long.MAX_VALUE);
  }

  /**
   * Opens the row groups whose middle lies between two bytes of the file, with all columns.
   *
   * @throws IOException naming the file if it cannot be read or is no Parquet file
   */
  public static ParquetRows open(Path file, long from, long to) throws IOException {
    return open(file, schema(file), from, to);
  }

  /**
   * How many rows a file has, by its footer.
   *
   * @throws IOException naming the file if it cannot be read or is no Parquet file
   */
  public static long count(Path file) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(input(file))) {
      return reader.getRecordCount();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  /** The columns that are read. */
  public MessageType schema() {
    return schema;
  }

  /**
   * The next row, {@code null} at the end.
   *
   * @throws IOException naming the file if it is damaged
   */
  public Group next() throws IOException {
    try {
      return reader.read();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  /** Number in the file, from 0, of the row that was read last. */
  public long rowIndex() {
    return reader.getCurrentRowIndex();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private static ParquetRows open(Path file, MessageType schema, long from, long to)
      throws IOException {
    PlainParquetConfiguration configuration = new PlainParquetConfiguration();
    configuration.set(ReadSupport.PARQUET_READ_SCHEMA, schema.toString());
    try {
      Builder builder = new Builder(input(file), configuration);
      return new ParquetRows(file, schema, builder.withFileRange(from, to).build());
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static MessageType schema(Path file) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(input(file))) {
      return reader.getFileMetaData().getSchema();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  // The library throws what its decoders throw, at a file that is damaged.
  private static IOException unreadable(Path file, Exception cause) {
    return new IOException(file + " cannot be read as a Parquet file.", cause);
  }

  private static InputFile input(Path file) throws IOException {
    FileSystem files = file.getFileSystem();
    return new ParquetInputFile(files.open(file), files.getFileStatus(file).getLen());
  }

  private static final class Builder extends ParquetReader.Builder<Group> {
    private Builder(InputFile file, ParquetConfiguration configuration) {
      super(file, configuration);
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new GroupReadSupport();
    }
  }
}
