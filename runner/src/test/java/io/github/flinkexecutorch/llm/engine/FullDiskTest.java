package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of the copies of models on a disk that is too small for them. */
@Tag("native")
class FullDiskTest {
  private static final BatchedGoldens MODEL = BatchedGoldens.exact();
  private static final BatchedGoldens.Golden GOLDEN = MODEL.goldens().get(0);

  @TempDir private Path disk;

  @Test
  void shouldNameTheFolderAndLeaveNoHalfCopyWhenTheModelDoesNotFit() throws Exception {
    ChildJvm.Result child = run(modelKilobytes() / 2);

    assertThat(child.output())
        .contains(
            "refused: Model file " + MODEL.file() + " cannot be read or copied to " + cache(disk),
            "left: []");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldDoWithoutPackedWeightsThatDoNotFit() throws Exception {
    ChildJvm.Result child = run(modelKilobytes() + 64);

    assertThat(child.output()).contains("completed " + GOLDEN.tokens());
    assertThat(child.output()).contains("left: [" + MODEL.file().getFileName() + "]");
    assertThat(child.exitCode()).isZero();
  }

  private ChildJvm.Result run(int kilobytes) throws Exception {
    return ChildJvm.startOnSmallDisk(disk, kilobytes, FullDiskTest.class, disk.toString()).await();
  }

  private static int modelKilobytes() throws IOException {
    return (int) (Files.size(MODEL.file()) / 1024);
  }

  private static Path cache(Path disk) {
    return disk.resolve("models");
  }

  /** On the small disk. */
  public static void main(String[] arguments) throws IOException {
    Path cache = cache(Path.of(arguments[0]));
    ModelSpec spec = MODEL.spec().withCacheDirectory(cache);
    try (LLMEngine engine = LLMEngine.open(spec, EngineOptions.DEFAULTS, "small")) {
      System.out.println("completed " + engine.submit(GOLDEN.request()).join().tokens());
    } catch (InvalidModelException e) {
      System.out.println("refused: " + e.getMessage());
    }
    try (Stream<Path> left = Files.walk(cache)) {
      List<Path> files = left.filter(Files::isRegularFile).map(Path::getFileName).toList();
      System.out.println("left: " + files);
    }
  }
}
