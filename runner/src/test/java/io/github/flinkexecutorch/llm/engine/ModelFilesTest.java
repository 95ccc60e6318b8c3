package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.Goldens;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class ModelFilesTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void copyModel() throws IOException {
    model = folder.resolve("model.pte");
    Files.copy(Goldens.OPTIMUM_LLAMA.resolve("model.pte"), model);
  }

  @AfterEach
  void everythingReleased() throws InterruptedException {
    Engines.assertAllClosed();
  }

  @Test
  void shouldDigestTheModelFile() throws IOException {
    Files.writeString(model, "abc");

    ModelFiles files = ModelFiles.prepare(spec());

    assertThat(files.model()).isEqualTo(model);
    assertThat(files.digest())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void shouldNoteInTheTimeOfACopysFolderWhenItIsOpened() throws IOException {
    ModelSpec spec = spec().withCacheDirectory(folder.resolve("cache"));
    Path copies = ModelFiles.prepare(spec).model().getParent();
    Files.setLastModifiedTime(copies, FileTime.fromMillis(0));

    ModelFiles.prepare(spec);

    assertThat(Files.getLastModifiedTime(copies).toInstant())
        .isCloseTo(Instant.now(), within(1, ChronoUnit.HOURS));
  }

  @Test
  void shouldDigestDataFilesToo() throws IOException {
    Path data = Files.writeString(folder.resolve("weights.ptd"), "one");
    String before = ModelFiles.prepare(spec().withDataFiles(List.of(data))).digest();

    Files.writeString(data, "two");

    assertThat(ModelFiles.prepare(spec().withDataFiles(List.of(data))).digest())
        .isNotEqualTo(before)
        .hasSize(64);
  }

  @Test
  void shouldRefuseACacheThatOthersMayWrite() throws IOException {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> ModelFiles.prepare(spec().withCacheDirectory(cache)))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("rwxrwxrwx")
        .hasMessageContaining("chmod 700");
  }

  @Test
  void shouldUseAnIntactCopyAgainAndReplaceADamagedOne() throws IOException {
    Path copy = ModelFiles.prepare(spec().withCacheDirectory(folder.resolve("cache"))).model();
    Object first = Files.getAttribute(copy, "unix:ino");

    ModelFiles.prepare(spec().withCacheDirectory(folder.resolve("cache")));
    assertThat(Files.getAttribute(copy, "unix:ino")).isEqualTo(first);
    Files.writeString(copy, "damaged");
    ModelFiles.prepare(spec().withCacheDirectory(folder.resolve("cache")));

    assertThat(copy).hasSameBinaryContentAs(model);
    try (Stream<Path> left = Files.list(copy.getParent())) {
      assertThat(left).containsExactly(copy);
    }
  }

  @Test
  void shouldGoOnWhenTheOriginalIsOverwrittenAndDeleted() throws Exception {
    Goldens golden = Goldens.of(Goldens.OPTIMUM_LLAMA).get(0);
    var config = GenerationConfig.greedy().toBuilder().maxNewTokens(golden.tokens().size()).build();
    var request = new GenerationRequest(golden.id(), golden.prompt(), config, null);
    ModelSpec spec = spec().withCacheDirectory(folder.resolve("cache"));
    try (RunnerPool pool = RunnerPool.open(spec, 1, "kept")) {
      Files.write(model, new byte[10]);
      assertThat(pool.submit(request).get().tokens()).isEqualTo(golden.tokens());
      Files.delete(model);
      assertThat(pool.submit(request).get().tokens()).isEqualTo(golden.tokens());
    }
  }

  @Test
  void shouldSayWhatIsWrongWithAModelFile() throws IOException {
    byte[] content = Files.readAllBytes(model);
    assertUnusable(folder.resolve("absent.pte"), "absent.pte", "does not exist");
    assertUnusable(folder, folder.toString(), "is no file");
    Path writeOnly = Path.of("/proc/sys/vm/compact_memory"); // for root too
    assertUnusable(writeOnly, writeOnly.toString(), "cannot be read", "AccessDenied");
    assertUnusable(Files.write(folder.resolve("empty.pte"), new byte[0]), "empty.pte");
    assertUnusable(
        Files.write(folder.resolve("cut.pte"), Arrays.copyOf(content, content.length / 2)),
        "cut.pte");
    assertUnusable(
        Files.writeString(folder.resolve("text.pte"), "this is no program at all"), "text.pte");
  }

  @Test
  void shouldNameTheOperatorThatIsMissing() {
    Path resources = Path.of("../native/src/test/resources");

    assertUnusable(resources.resolve("missing-operator.pte"), "demo::unavailable");
    assertUnusable(resources.resolve("two-methods.pte"), "get_max_seq_len");
  }

  @Test
  void shouldRefuseATokenizerOfAnotherModel() {
    assertThatThrownBy(() -> RunnerPool.open(ModelSpec.of(model, Goldens.TICKETS), 1, "mixed"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("logits are only 320 wide");
    var tickets = ModelSpec.of(Goldens.TICKETS.resolve("model.pte"), Goldens.OPTIMUM_LLAMA);
    assertThatThrownBy(() -> RunnerPool.open(tickets, 1, "mixed"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("the tokenizer has only 320 ids");
  }

  private ModelSpec spec() {
    return ModelSpec.of(model, Goldens.OPTIMUM_LLAMA);
  }

  private static void assertUnusable(Path model, String... parts) {
    assertThatThrownBy(() -> RunnerPool.open(ModelSpec.of(model, Goldens.OPTIMUM_LLAMA), 1, "bad"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContainingAll(parts);
  }
}
