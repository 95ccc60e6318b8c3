package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each case needs a process of its own, because a library stays in the process that loaded it. */
class NativeLibraryTest {
  private static final String PLATFORM = "io/github/flinkexecutorch/runtime/linux-x86_64";

  @TempDir private Path temporary;
  private List<String> options;

  @BeforeEach
  void useAFreshCache() {
    options = List.of("-D" + NativeFolder.PROPERTY + "=" + temporary.resolve("cache"));
  }

  @Test
  void shouldServeUnrelatedClassLoadersAndRefuseAnotherBuild() throws Exception {
    Path otherBuild = otherBuild();
    ChildJvm.Result child =
        ChildJvm.run(ClassLoaders.Unrelated.class, options, otherBuild.toString());
    assertThat(child.output()).contains("1 computed", "2 computed", "3 computed");
    assertThat(child.output())
        .contains(
            "4 refused: " + ErrorCode.ALREADY_LOADED,
            "another build",
            "libexecutorch.so",
            "classloader.parent-first-patterns.additional",
            "5 computed");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldServeProcessesThatExtractAtOnce() throws Exception {
    Callable<ChildJvm.Result> child = () -> ChildJvm.run(ClassLoaders.Once.class, options);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (Future<ChildJvm.Result> result : threads.invokeAll(Collections.nCopies(3, child))) {
        assertThat(result.get().output()).contains("computed");
        assertThat(result.get().exitCode()).isZero();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void shouldLetGoOfAClassLoader() throws Exception {
    ChildJvm.Result child = ChildJvm.run(ClassLoaders.Collected.class, options);
    assertThat(child.output()).contains("computed", "collected", "computed again");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldRefuseARuntimeThatSomebodyElseLoaded() throws Exception {
    Path other = Files.createDirectory(temporary.resolve("other"));
    Path library = other.resolve("libexecutorch.so");
    Files.copy(
        Path.of(NativeLibraryTest.class.getResource("linux-x86_64/libexecutorch.so").toURI()),
        library);
    ChildJvm.Result child = ChildJvm.run(ClassLoaders.Occupied.class, options, library.toString());
    assertThat(child.output())
        .contains("refused: " + ErrorCode.ALREADY_LOADED, library.toString(), "cache");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldListTheSupportedPlatformsOnAnother() throws Exception {
    ChildJvm.Result child =
        ChildJvm.run(ClassLoaders.Once.class, List.of("-Dos.arch=riscv64", options.get(0)));
    assertThat(child.output())
        .contains(
            "refused: " + ErrorCode.NOT_SUPPORTED, "Linux on riscv64", "Supported: linux-x86_64");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldNameTheJarToAddWithoutNatives() throws Exception {
    ChildJvm.Result child = ChildJvm.runWithout("natives", ClassLoaders.Once.class);
    assertThat(child.output())
        .contains("refused: " + ErrorCode.NOT_SUPPORTED, "classifier linux-x86_64");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldRefuseNativesThatDifferFromTheirList() throws Exception {
    Path damaged = copyNatives();
    flipLastByte(damaged.resolve(PLATFORM).resolve("libet_bridge.so"));
    ChildJvm.Result child = ChildJvm.run(ClassLoaders.Damaged.class, options, damaged.toString());
    assertThat(child.output())
        .contains("refused: " + ErrorCode.ACCESS_FAILED, "libet_bridge.so", "differs");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldExplainALibraryThatTheSystemCannotLoad() throws Exception {
    Path broken = copyNatives();
    Path glue = broken.resolve(PLATFORM).resolve("libjniNativeBridge.so");
    Files.write(glue, new byte[64]);
    writeIndex(broken);
    ChildJvm.Result child = ChildJvm.run(ClassLoaders.Damaged.class, options, broken.toString());
    assertThat(child.output()).contains("refused: " + ErrorCode.NOT_SUPPORTED, "glibc", "noexec");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldKnowThePlatformsOfTheTable() {
    assertThat(SupportedPlatform.of("Linux", "amd64").name()).isEqualTo("linux-x86_64");
    assertThat(SupportedPlatform.all())
        .extracting(SupportedPlatform::name)
        .containsExactly("linux-x86_64", "linux-aarch64", "macosx-arm64");
    assertThatThrownBy(() -> SupportedPlatform.of("Windows 11", "amd64"))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContainingAll("Windows 11", "linux-x86_64");
  }

  private Path otherBuild() throws Exception {
    Path natives = copyNatives();
    flipLastByte(natives.resolve(PLATFORM).resolve("libet_bridge.so"));
    writeIndex(natives);
    return natives;
  }

  private Path copyNatives() throws Exception {
    Path folder = Files.createDirectories(temporary.resolve("natives").resolve(PLATFORM));
    NativeFiles natives = NativeFiles.of("linux-x86_64");
    for (NativeFiles.Entry file : natives.files()) {
      Files.write(folder.resolve(file.name()), natives.read(file));
    }
    Files.writeString(folder.resolve(NativeFiles.INDEX), natives.index());
    return temporary.resolve("natives");
  }

  private static void flipLastByte(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  private static void writeIndex(Path natives) throws IOException {
    Path folder = natives.resolve(PLATFORM);
    StringBuilder index = new StringBuilder();
    for (NativeFiles.Entry file : NativeFiles.of("linux-x86_64").files()) {
      byte[] bytes = Files.readAllBytes(folder.resolve(file.name()));
      index.append(Sha256.hex(bytes)).append('\t').append(bytes.length).append('\t');
      index.append(file.name()).append('\n');
    }
    Files.writeString(folder.resolve(NativeFiles.INDEX), index);
  }
}
