package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged files are decoded or refused, within bounds; anything else thrown fails these tests. */
class MutatedMediaTest {
  private static final long MOST_BYTES = 64L << 20;
  private static final long MOST_CPU_NANOS = 5_000_000_000L;
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getThreadMXBean(); // of this JVM's vendor
  private static final int IMAGE_SEEDS = 6;
  private static final int AUDIO_SEEDS = 12;

  static List<Path> images() throws IOException {
    return files("images", "png|jpg|webp|gif|bmp|tif");
  }

  static List<Path> sounds() throws IOException {
    return files("audio", "wav|flac|mp3|ogg");
  }

  @ParameterizedTest
  @MethodSource("images")
  void shouldDecodeOrRefuseADamagedImage(Path file) throws IOException {
    decodeMutations("image", Files.readAllBytes(file), IMAGE_SEEDS);
  }

  @ParameterizedTest
  @MethodSource("sounds")
  void shouldDecodeOrRefuseADamagedSound(Path file) throws IOException {
    decodeMutations("audio", Files.readAllBytes(file), AUDIO_SEEDS);
  }

  private static void decodeMutations(String kind, byte[] file, int seeds) {
    for (long seed = 0; seed < seeds; seed++) {
      byte[] damaged = Mutation.of(file, seed);
      long allocated = allocatedBytes();
      long start = THREADS.getCurrentThreadCpuTime(); // others may keep it waiting

      String result = MutatedMedia.decode(kind, damaged);

      assertThat(result).isNotEmpty();
      long nanos = THREADS.getCurrentThreadCpuTime() - start;
      assertThat(nanos).as("seed %s", seed).isLessThan(MOST_CPU_NANOS);
      assertThat(allocatedBytes() - allocated).as("seed %s", seed).isLessThan(MOST_BYTES);
    }
  }

  private static long allocatedBytes() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private static List<Path> files(String folder, String extensions) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources", folder))) {
      return files
          .filter(file -> file.toString().matches(".*\\.(" + extensions + ")"))
          .sorted()
          .toList();
    }
  }
}
