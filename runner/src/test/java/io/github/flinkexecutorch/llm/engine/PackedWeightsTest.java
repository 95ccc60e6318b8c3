package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The file of packed weights is used where it is intact, and never changes a completion. */
@Tag("native")
class PackedWeightsTest {
  private static final BatchedGoldens MODEL = BatchedGoldens.exact();

  @TempDir private Path cache;

  @Test
  void shouldMapTheFileOfTheFirstStartInTheNext() throws Exception {
    int expected = run(MODEL.spec(), EngineOptions.DEFAULTS);
    assertThat(run(spec(), EngineOptions.DEFAULTS)).isEqualTo(expected);
    Path file = packed();
    byte[] content = Files.readAllBytes(file);
    Object inode = Files.getAttribute(file, "unix:ino");
    Object changed = Files.getAttribute(file, "unix:ctime");

    try (LLMEngine engine = LLMEngine.open(spec(), EngineOptions.DEFAULTS, "test")) {
      assertThat(Files.readString(Path.of("/proc/self/maps"))).contains(file.toString());
      assertThat(completions(engine)).isEqualTo(golden());
    }

    assertThat(file).hasBinaryContent(content);
    assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(inode);
    assertThat(Files.getAttribute(file, "unix:ctime")).isEqualTo(changed);
    assertThat(run(spec(), EngineOptions.DEFAULTS)).isEqualTo(expected);
    assertThat(files()).hasSize(2);
  }

  @Test
  void shouldKeepNothingWhereItIsNotWanted() throws Exception {
    run(spec(), EngineOptions.DEFAULTS.withPackedWeightCache(false));

    assertThat(files()).extracting(Path::getFileName).containsExactly(MODEL.file().getFileName());
  }

  @Test
  void shouldServeTwoEnginesAtTheSameTime() throws Exception {
    List<List<List<Integer>>> completions = new ArrayList<>();
    for (int i = 0; i < 2; i++) { // the first time they pack, the second time they map
      try (LLMEngine one = LLMEngine.open(spec(), EngineOptions.DEFAULTS, "one");
          LLMEngine other = LLMEngine.open(spec(), EngineOptions.DEFAULTS, "other")) {
        completions.add(completions(one));
        completions.add(completions(other));
      }
    }

    assertThat(completions).containsOnly(golden());
    assertThat(files()).hasSize(2);
  }

  @Test
  void shouldServeSeveralProcessesAtTheSameTime() throws Exception {
    for (int i = 0; i < 2; i++) {
      List<ChildJvm> children = new ArrayList<>();
      for (int child = 0; child < 2; child++) {
        children.add(
            ChildJvm.start(PackedWeightsTest.class, List.of(), cache.resolve("models").toString()));
      }
      for (ChildJvm child : children) {
        assertSound(child.await());
      }
    }
    assertThat(files()).hasSize(2);
  }

  @Test
  void shouldWriteNothingWhenAModelIsLoadedAgain() throws Exception {
    FaultyModel faults = FaultyModel.failing(number -> number == 2);
    for (int i = 0; i < 2; i++) {
      try (LLMEngine engine = Engines.open(spec(), EngineOptions.DEFAULTS, faults)) {
        engine.submit(MODEL.goldens().get(0).request()).handle((result, failure) -> failure).join();
        assertThat(completions(engine)).isEqualTo(golden());
      }
      assertThat(files()).hasSize(2);
    }
    assertThat(faults.executions()).isGreaterThan(3);
  }

  enum Damage {
    EMPTY {
      @Override
      byte[] of(byte[] content) {
        return new byte[0];
      }
    },
    CUT_SHORT {
      @Override
      byte[] of(byte[] content) {
        return Arrays.copyOf(content, content.length / 2);
      }
    },
    ONE_BIT {
      @Override
      byte[] of(byte[] content) {
        content[content.length / 3] ^= 0x40;
        return content;
      }
    },
    NOISE_IN_FRONT_OF_THE_INDEX {
      @Override
      byte[] of(byte[] content) {
        byte[] noise = new byte[content.length * 9 / 10];
        new Random(1).nextBytes(noise);
        System.arraycopy(noise, 0, content, 0, noise.length);
        return content;
      }
    },
    NOISE {
      @Override
      byte[] of(byte[] content) {
        new Random(2).nextBytes(content);
        return content;
      }
    };

    abstract byte[] of(byte[] content);
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void shouldPackAnewWhereTheFileIsDamaged(Damage damage) throws Exception {
    run(spec(), EngineOptions.DEFAULTS);
    Path file = packed();
    byte[] content = Files.readAllBytes(file);
    assertThat(file.toFile().setWritable(true)).isTrue();
    Files.write(file, damage.of(content.clone()));

    assertSound(ChildJvm.run(PackedWeightsTest.class, cache.resolve("models").toString()));

    assertThat(files()).hasSize(2);
    assertThat(packed()).hasSize(content.length);
    assertThat(run(spec(), EngineOptions.DEFAULTS))
        .isEqualTo(run(MODEL.spec(), EngineOptions.DEFAULTS));
  }

  public static void main(String[] arguments) {
    ModelSpec spec = MODEL.spec().withCacheDirectory(Path.of(arguments[0]));
    System.out.println(run(spec, EngineOptions.DEFAULTS));
  }

  private static void assertSound(ChildJvm.Result child) {
    assertThat(child.exitCode()).as(child.output()).isZero();
    assertThat(child.lastLine())
        .isEqualTo(String.valueOf(run(MODEL.spec(), EngineOptions.DEFAULTS)));
  }

  /** Stands for all rows of logits and completions. */
  private static int run(ModelSpec spec, EngineOptions options) {
    return new TreeMap<>(Workload.of(MODEL, 12, 5).run(spec, options)).toString().hashCode();
  }

  private static List<List<Integer>> golden() {
    return MODEL.goldens().stream().map(BatchedGoldens.Golden::tokens).toList();
  }

  private static List<List<Integer>> completions(LLMEngine engine) {
    return MODEL.goldens().stream().map(golden -> engine.submit(golden.request())).toList().stream()
        .map(future -> future.join().tokens())
        .toList();
  }

  private ModelSpec spec() {
    return MODEL.spec().withCacheDirectory(cache.resolve("models"));
  }

  private Path packed() throws IOException {
    return files().stream()
        .filter(file -> file.getFileName().toString().startsWith("packed-"))
        .findFirst()
        .orElseThrow();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(cache)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
