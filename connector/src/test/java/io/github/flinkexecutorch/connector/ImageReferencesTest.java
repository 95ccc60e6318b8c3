package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferencesTest {
  private static final byte[] CAT = {1};
  private static final byte[] DOG = {2};
  private static final byte[] SECRET = {3};

  @TempDir private Path folder;
  private Path root;
  private Path other;

  @BeforeEach
  void makeFolders() throws IOException {
    root = Files.createDirectories(folder.resolve("root"));
    other = Files.createDirectories(folder.resolve("other root"));
    Files.createDirectories(root.resolve("deep"));
    Files.write(root.resolve("cat.png"), CAT);
    Files.write(root.resolve("deep/a b%20c:d.png"), CAT);
    Files.write(other.resolve("dog.png"), DOG);
    Path outside = Files.createDirectories(folder.resolve("rooted"));
    Files.write(outside.resolve("secret.png"), SECRET);
    Files.createSymbolicLink(root.resolve("inside"), root.resolve("cat.png"));
    Files.createSymbolicLink(root.resolve("outside"), outside.resolve("secret.png"));
    Files.createSymbolicLink(root.resolve("folder"), outside);
    Files.createSymbolicLink(root.resolve("loop"), root.resolve("loop"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cat.png",
        "./cat.png",
        "deep//a b%20c:d.png",
        "inside",
        "ROOT/cat.png",
        "file:ROOT/cat.png",
        "file://ROOT/cat.png",
        "FILE:ROOT/cat%2Epng"
      })
  void shouldReadFilesBelowTheRoot(String reference) throws Exception {
    assertThat(read(reference, root)).isEqualTo(CAT);
  }

  @Test
  void shouldLookBelowEachRoot() throws Exception {
    assertThat(read("dog.png", root, other)).isEqualTo(DOG);
    assertThat(read(other.resolve("dog.png").toString(), root, other)).isEqualTo(DOG);
    assertThat(read("cat.png", root, other)).isEqualTo(CAT);
  }

  @Test
  void shouldReadBelowARootThatIsALink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), root);
    assertThat(read("cat.png", link)).isEqualTo(CAT);
    assertThat(read(link.resolve("cat.png").toString(), link)).isEqualTo(CAT);
    assertThat(read(root.resolve("cat.png").toString(), link)).isEqualTo(CAT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../rooted/secret.png",
        "deep/../cat.png",
        "deep\\..\\cat.png",
        "..",
        "ROOT/../rooted/secret.png",
        "ROOTed/secret.png",
        "file:ROOTed/secret.png",
        "file:ROOT/%2e%2e/rooted/secret.png",
        "file://host/ROOT/cat.png",
        "file:ROOT/cat.png?x",
        "/etc/hostname",
        "outside",
        "folder/secret.png",
        "cat.png\0",
        "store://bucket/cat.png",
        "hdfs:/cat.png",
        "http://127.0.0.1/cat.png",
        "HTTPS://example.org/cat.png"
      })
  void shouldForbidEverythingElse(String reference) {
    assertThat(failure(reference, root).kind()).isEqualTo(FailureKind.FORBIDDEN_REFERENCE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dog.png",
        "ROOT/dog.png",
        "deep",
        ".",
        "loop",
        "cat.png/x",
        "jar:file:ROOT/cat.png!/x"
      })
  void shouldFailWhenThereIsNoSuchFile(String reference) {
    assertThat(failure(reference, root).kind()).isEqualTo(FailureKind.FETCH_FAILED);
  }

  @Test
  void shouldNotWaitForAPipe() throws Exception {
    Path pipe = root.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThat(failure("pipe", root).kind()).isEqualTo(FailureKind.FETCH_FAILED);
  }

  @Test
  void shouldRefuseAFileThatIsTooLarge() throws IOException {
    Files.write(root.resolve("large.png"), new byte[1001]);
    Configuration options = options(root.toString());
    options.set(ExecuTorchOptions.IMAGE_MAX_BYTES, new MemorySize(1000));

    RejectedRecordException failure = failure(options, "large.png");
    assertThat(failure.kind()).isEqualTo(FailureKind.IMAGE_TOO_LARGE);
    assertThat(failure).hasMessageContainingAll("1001", "1000", "executorch.image.max-bytes");
  }

  @Test
  void shouldForbidAllReferencesWithoutRoots() {
    RejectedRecordException failure = failure(new Configuration(), "cat.png");
    assertThat(failure.kind()).isEqualTo(FailureKind.FORBIDDEN_REFERENCE);
    assertThat(failure).hasMessageContaining("executorch.image.roots");
  }

  @Test
  void shouldNeverQuoteTheReference() {
    for (String reference :
        List.of("x-private", "../x-private", "http://x-private/", "/x-private")) {
      assertThat(failure(reference, root)).hasMessageNotContaining("private");
    }
  }

  /** {@link FolderStore} stands for S3 or HDFS. */
  @Test
  void shouldReadFromAFileSystemOfFlinks() throws Exception {
    Configuration options = options("store://bucket" + root);
    assertThat(read(options, "cat.png")).isEqualTo(CAT);
    assertThat(read(options, "store://bucket" + root + "/cat.png")).isEqualTo(CAT);
    assertThat(read(options("store://bucket/"), root.toString().substring(1) + "/cat.png"))
        .isEqualTo(CAT);
  }

  @ParameterizedTest
  @CsvSource({
    "../rooted/secret.png, FORBIDDEN_REFERENCE",
    "store://bucketROOTed/secret.png, FORBIDDEN_REFERENCE",
    "store://bucketROOT/../rooted/secret.png, FORBIDDEN_REFERENCE",
    "store://bucket, FORBIDDEN_REFERENCE",
    "store://otherROOT/cat.png, FORBIDDEN_REFERENCE",
    "store:ROOT/cat.png, FORBIDDEN_REFERENCE",
    "file:ROOT/cat.png, FORBIDDEN_REFERENCE",
    "ROOT/cat.png, FORBIDDEN_REFERENCE",
    "dog.png, FETCH_FAILED",
    "deep, FETCH_FAILED",
  })
  void shouldKeepToTheRootOfAFileSystemOfFlinks(String reference, FailureKind kind) {
    Configuration options = options("store://bucket" + root);
    assertThat(failure(options, reference).kind()).isEqualTo(kind);
  }

  @Test
  void shouldStopReadingWhenTimeIsUp() {
    Configuration options = options("store://slow/");
    options.set(ExecuTorchOptions.IMAGE_FETCH_TIMEOUT, Duration.ofMillis(100));

    RejectedRecordException failure = failure(options, "store://slow" + root + "/cat.png");
    assertThat(failure.kind()).isEqualTo(FailureKind.FETCH_TIMEOUT);
    assertThat(failure).hasMessageContaining("100 ms");
  }

  /** However many there are in one record. */
  @Test
  void shouldLimitTheTimeOfAllImagesOfARecord() throws Exception {
    Configuration options = options("store://slow/", root.toString());
    options.set(ExecuTorchOptions.IMAGE_FETCH_TIMEOUT, Duration.ofMillis(100));
    try (ImageReferences references = new ImageReferences(options)) {
      references.startTime();
      String slow = "store://slow" + root + "/cat.png";
      for (int image = 0; image < 3; image++) {
        assertThat(
                catchThrowableOfType(RejectedRecordException.class, () -> references.read(slow))
                    .kind())
            .isEqualTo(FailureKind.FETCH_TIMEOUT);
      }
      references.startTime();
      assertThat(references.read(root.resolve("cat.png").toString())).isEqualTo(CAT);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"relative", "https://example.org/images", "file:x", "\0"})
  void shouldRefuseWhatIsNoRoot(String unusable) {
    assertThatThrownBy(() -> new ImageReferences(options(unusable)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executorch.image.roots");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/no/such/folder", "unknown://bucket/x"})
  void shouldMissRootsThatAreNotThere(String missing) {
    try (ImageReferences references = new ImageReferences(options(missing))) {
      assertThatThrownBy(references::check)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("executorch.image.roots");
    }
  }

  @Test
  void shouldFindRootsThatAreThere() {
    try (ImageReferences references =
        new ImageReferences(options("store://bucket/", root.toString()))) {
      assertThatCode(references::check).doesNotThrowAnyException();
    }
  }

  private byte[] read(String reference, Path... roots) throws RejectedRecordException {
    String[] names = List.of(roots).stream().map(Path::toString).toArray(String[]::new);
    return read(options(names), reference);
  }

  private byte[] read(Configuration options, String reference) throws RejectedRecordException {
    try (ImageReferences references = new ImageReferences(options)) {
      return references.read(reference.replace("ROOT", root.toString()));
    }
  }

  private RejectedRecordException failure(String reference, Path root) {
    return failure(options(root.toString()), reference);
  }

  private RejectedRecordException failure(Configuration options, String reference) {
    return catchThrowableOfType(RejectedRecordException.class, () -> read(options, reference));
  }

  private static Configuration options(String... roots) {
    return new Configuration().set(ExecuTorchOptions.IMAGE_ROOTS, List.of(roots));
  }
}
