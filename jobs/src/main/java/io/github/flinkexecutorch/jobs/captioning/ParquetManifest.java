package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.jobs.files.ParquetRows;
import java.io.IOException;
import java.util.Set;
import org.apache.flink.core.fs.Path;
import org.apache.parquet.example.data.Group;

/** A manifest in Parquet with the columns of {@link ManifestRow}; others are not read. */
final class ParquetManifest implements References {
  private final Path file;
  private final ParquetRows rows;
  private long row;

  private ParquetManifest(Path file, ParquetRows rows) {
    this.file = file;
    this.rows = rows;
  }

  /**
   * @throws IOException if the file is no Parquet file with a text column for the references
   */
  static ParquetManifest open(Path file) throws IOException {
    ParquetRows rows =
        ParquetRows.open(file, Set.of(ManifestRow.ID, ManifestRow.IMAGE, ManifestRow.PROMPT));
    if (!rows.schema().containsField(ManifestRow.IMAGE)) {
      rows.close();
      throw new IOException(
          file + " has no column " + ManifestRow.IMAGE + " with the paths of the images.");
    }
    return new ParquetManifest(file, rows);
  }

  @Override
  public ImageReference next() throws IOException {
    Group group = rows.next();
    if (group == null) {
      return null;
    }
    row++;
    return reference(group);
  }

  /** Values are decoded here, and nothing in a file makes them fit their types. */
  private ImageReference reference(Group group) throws IOException {
    try {
      return new ManifestRow(file, row)
          .reference(
              text(group, ManifestRow.ID),
              text(group, ManifestRow.IMAGE),
              text(group, ManifestRow.PROMPT));
    } catch (RuntimeException e) {
      throw new IOException(
          "Row " + row + " of " + file + " has a value that its type cannot have.", e);
    }
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }

  private static String text(Group group, String column) {
    return group.getType().containsField(column) && group.getFieldRepetitionCount(column) > 0
        ? group.getValueToString(group.getType().getFieldIndex(column), 0)
        : null;
  }
}
