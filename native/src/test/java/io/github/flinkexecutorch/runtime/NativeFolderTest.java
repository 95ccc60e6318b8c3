package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {
  private static final String LIBRARY = "libexecutorch_etdump.so";

  @TempDir private Path temporary;
  private Path root;
  private NativeFiles natives;

  @BeforeEach
  void prepare() throws IOException {
    root = temporary.resolve("flink-executorch");
    natives = NativeFiles.of("linux-x86_64");
  }

  @Test
  void shouldHoldEveryLibraryForTheOwnerOnly() throws Exception {
    Path folder = extract();
    assertThat(folder).isEqualTo(root.toRealPath().resolve(natives.contentHash()));
    assertThat(names(folder))
        .containsAll(natives.files().stream().map(NativeFiles.Entry::name).toList())
        .contains("libet_bridge.so", "libexecutorch.so", "libjniNativeBridge.so");
    for (Path path : List.of(root, folder)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void shouldBeExtractedOnce() throws Exception {
    var before = Files.getLastModifiedTime(extract().resolve(LIBRARY));
    assertThat(Files.getLastModifiedTime(extract().resolve(LIBRARY))).isEqualTo(before);
    assertThat(names(root)).containsExactly(natives.contentHash());
  }

  @Test
  void shouldRepairAChangedLibrary() throws Exception {
    Path library = extract().resolve(LIBRARY);
    byte[] right = Files.readAllBytes(library);
    byte[] wrong = right.clone();
    wrong[1_000] ^= 1;
    Files.write(library, wrong);
    assertThat(extract().resolve(LIBRARY)).hasBinaryContent(right);
    assertThat(names(root)).containsExactly(natives.contentHash());
  }

  @Test
  void shouldRepairATruncatedAndAMissingLibrary() throws Exception {
    Path library = extract().resolve(LIBRARY);
    byte[] right = Files.readAllBytes(library);
    Files.write(library, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    assertThat(extract().resolve(LIBRARY)).hasBinaryContent(right);
    Files.delete(library);
    assertThat(extract().resolve(LIBRARY)).hasBinaryContent(right);
  }

  @Test
  void shouldRefuseAFolderThatOthersMayWrite() throws Exception {
    for (Path folder : List.of(extract(), root)) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
      assertThatThrownBy(this::extract)
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(folder.toString(), "rwxrwxrwx", NativeFolder.PROPERTY);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void shouldRefuseALinkToAnotherFolder() throws Exception {
    Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
    Files.createSymbolicLink(root, elsewhere);
    assertThatThrownBy(this::extract)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(root.toString());
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void shouldNameTheFolderAndTheOptionWhenItCannotBeMade() throws Exception {
    Files.writeString(root, "in the way");
    assertThatThrownBy(this::extract)
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(root.toString(), NativeFolder.PROPERTY, NativeFolder.VARIABLE);
  }

  @Test
  void shouldBeMadeByManyAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Path>> extractions = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        extractions.add(this::extract);
      }
      for (Future<Path> folder : threads.invokeAll(extractions)) {
        assertThat(names(folder.get())).contains(LIBRARY);
      }
    } finally {
      threads.shutdown();
    }
    assertThat(names(root)).containsExactly(natives.contentHash());
  }

  @Test
  void shouldNameTheFolderAndLeaveNothingInItWhenTheDiskIsFull() throws Exception {
    ChildJvm.Result child =
        ChildJvm.runOnSmallDisk(temporary, 2048, FullDisk.class, temporary.toString());
    assertThat(child.output())
        .contains(
            "refused: Cannot extract the ExecuTorch natives to " + root.resolveSibling("natives"),
            NativeFolder.PROPERTY,
            "left: []");
    assertThat(child.exitCode()).isZero();
  }

  private Path extract() throws IOException {
    return new NativeFolder(root).extract(natives);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }
}
