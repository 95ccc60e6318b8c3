package io.github.flinkexecutorch.jobs.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.jobs.batch.BatchInput.RecordFile;
import io.github.flinkexecutorch.jobs.files.RunTotal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordSourceTest {
  private static final long GIGABYTE = 1L << 30;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "a.jsonl,    1000,          4, 1",
    "a.jsonl,    0,             4, 0",
    "a.jsonl,    1000000,       2, 62",
    "a.jsonl,    1000000000,    2, 128",
    "a.jsonl.gz, 1000000000,    2, 1",
    "a.parquet,  10000000,      8, 1",
    "a.parquet,  1000000000,    2, 30"
  })
  void shouldCutFilesSoThatSubtasksStayBusy(String name, long bytes, int subtasks, int splits)
      throws IOException {
    Collection<FileSourceSplit> cut =
        RecordSource.splits(List.of(file("/in/" + name, bytes)), subtasks);

    assertThat(cut).hasSize(splits).extracting(FileSourceSplit::splitId).doesNotHaveDuplicates();
    assertThat(cut.stream().mapToLong(FileSourceSplit::length).sum()).isEqualTo(bytes);
  }

  @Test
  void shouldNeverMakeSplitsOfMoreThan64Megabytes() throws IOException {
    assertThat(RecordSource.splits(List.of(file("/in/a.jsonl", 100 * GIGABYTE)), 1))
        .allMatch(split -> split.length() <= 1 << 26);
  }

  @Test
  void shouldNameFilesOfTheTopFolderWithoutIt() {
    assertThat(BatchInput.parse("/a.jsonl").name(new org.apache.flink.core.fs.Path("/a.jsonl")))
        .isEqualTo("a.jsonl");
  }

  @Test
  void shouldTakeFilesOfAListWithNamesBelowItsFolder() throws IOException {
    write("data/a.jsonl", "1\n");
    Path elsewhere = write("elsewhere/b.parquet", "2\n");
    Path list =
        write(
            "data/list.txt",
            "# of today\n\na.jsonl\n %s \na.jsonl\n../data/a.jsonl\n".formatted(elsewhere));
    BatchInput input = BatchInput.parse(list.toString());

    List<RecordFile> files = input.list();

    assertThat(files)
        .extracting(file -> input.name(file.path()))
        .containsExactly("a.jsonl", elsewhere.toString());
    assertThat(files).extracting(RecordFile::bytes).containsExactly(2L, 2L);
  }

  @Test
  void shouldFailWhenAListedFileIsNotThere() throws IOException {
    Path list = write("list.txt", "none.jsonl\n");

    assertThatThrownBy(() -> BatchInput.parse(list.toString()).list())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.jsonl");
  }

  @Test
  void shouldFailWhenThereIsNothing() {
    assertThatThrownBy(() -> BatchInput.parse(folder.toString()).list())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("There are no files with records in " + folder)
        .hasMessageContaining("jsonl");
  }

  @Test
  void shouldEstimateHowManyRecordsThereAreWhereCountingTakesTooLong() throws IOException {
    write("a.jsonl", "{\"n\":1}\n\n".repeat(1000));
    write("b.jsonl", "{\"n\":1}\n\n".repeat(3000));
    List<RecordFile> files = BatchInput.parse(folder.toString()).list();

    assertThat(InputSize.of(files)).isEqualTo(RunTotal.of(4000));
    RunTotal estimated = InputSize.of(files, 900);
    assertThat(estimated.exact()).isFalse();
    assertThat(estimated.records()).isBetween(3900L, 4100L);
  }

  private static RecordFile file(String path, long bytes) {
    return new RecordFile(new org.apache.flink.core.fs.Path(path), bytes);
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }
}
