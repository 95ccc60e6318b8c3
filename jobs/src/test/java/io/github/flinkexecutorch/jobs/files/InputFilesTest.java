package io.github.flinkexecutorch.jobs.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputFilesTest {
  private static final Set<String> ENDINGS = Set.of("jsonl", "jsonl.gz");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "s3://b/out.jsonl,  s3://b,    out.jsonl",
    "s3://b/out.jsonl/, s3://b/out.jsonl,",
    "/none/out.jsonl/,  /none/out.jsonl,",
    "/none/out.jsonl,   /none,     out.jsonl",
    "/none/out.csv,     /none/out.csv,",
    "/out.jsonl,        /,         out.jsonl",
    "/*.jsonl,          /,         *.jsonl",
    "/,                 /,"
  })
  void shouldTakeAPathWithASlashAtItsEndForAFolder(String given, String root, String glob) {
    assertThat(InputFiles.parse(given, ENDINGS, ENDINGS))
        .isEqualTo(new InputFiles(root, glob, ENDINGS));
  }

  @ParameterizedTest
  @CsvSource({
    "/,         /a.jsonl",
    "/a.jsonl,  /a.jsonl",
    "/b/,       /b/a.jsonl",
    "s3://b/,   s3://b/a.jsonl"
  })
  void shouldResolveWithOneSlash(String given, String resolved) {
    assertThat(parse(given).resolve("a.jsonl")).isEqualTo(resolved);
  }

  @Test
  void shouldListByEndingWithSizes() throws IOException {
    write("a.jsonl", "b/c.JSONL.gz", "b/d.csv", "b/jsonl", ".hidden.jsonl", ".hidden/e.jsonl");

    assertThat(FileListing.withSizes(parse(folder.toString())))
        .containsExactly(
            new FileListing.Listed("a.jsonl", 7), new FileListing.Listed("b/c.JSONL.gz", 12));
  }

  @Test
  void shouldLookIntoFoldersOnlyWhereTheGlobDoes() throws IOException {
    write("a.jsonl", "b.jsonl/c.jsonl", "d/e.jsonl");

    assertThat(list("*.jsonl")).containsExactly("a.jsonl");
    assertThat(list("*/*.jsonl")).containsExactly("b.jsonl/c.jsonl", "d/e.jsonl");
    assertThat(list("**.jsonl")).containsExactly("a.jsonl", "b.jsonl/c.jsonl", "d/e.jsonl");
  }

  private List<String> list(String glob) throws IOException {
    return FileListing.of(parse(folder + "/" + glob));
  }

  private static InputFiles parse(String given) {
    return InputFiles.parse(given, ENDINGS, ENDINGS);
  }

  /** Files that have their own names in them. */
  private void write(String... names) throws IOException {
    for (String name : names) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, name);
    }
  }
}
