package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Whatever text names an image, nothing but the images of the root is ever read. */
class ReferenceFuzzTest {
  private static final byte[] CAT = {1};

  @TempDir private static Path folder;
  private static ImageReferences references;

  @BeforeAll
  static void makeFolders() throws IOException {
    Path root = Files.createDirectories(folder.resolve("root"));
    Files.createDirectories(root.resolve("deep"));
    Files.write(root.resolve("cat.png"), CAT);
    Files.write(root.resolve("deep/cat.png"), CAT);
    Path secret = Files.write(folder.resolve("secret.png"), new byte[] {2});
    Files.createSymbolicLink(root.resolve("outside"), secret);
    Files.createSymbolicLink(root.resolve("folder"), folder);
    references =
        new ImageReferences(
            new Configuration()
                .set(ExecuTorchOptions.IMAGE_ROOTS, List.of(root.toString()))
                .set(ExecuTorchOptions.IMAGE_FETCH_TIMEOUT, Duration.ofMinutes(1)));
  }

  @FuzzTest
  void shouldReadNothingOutsideOfTheRoot(byte[] reference) {
    references.startTime();
    try {
      assertThat(references.read(new String(reference, UTF_8))).isEqualTo(CAT);
    } catch (RejectedRecordException e) {
      assertThat(e.kind()).isIn(FailureKind.FORBIDDEN_REFERENCE, FailureKind.FETCH_FAILED);
    }
  }
}
