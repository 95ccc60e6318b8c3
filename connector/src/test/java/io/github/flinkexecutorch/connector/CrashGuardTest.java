package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests of this process, after others have ended. */
@Timeout(120)
class CrashGuardTest {
  @TempDir private Path folder;
  private Path journals;
  private final FakeEngine engine = FakeEngine.holding();
  private CrashGuard guard;

  @BeforeEach
  void chooseAFolderThatIsNotThere() {
    journals = folder.resolve("journals");
  }

  @AfterEach
  void close() {
    if (guard != null) {
      guard.stop();
      engine.close();
      guard.close();
    }
    TestCluster.requireNothingOpen(); // or a request still had the places of the next test
  }

  @Test
  void shouldLetRequestsWorkTogetherAndLeaveNothing() throws Exception {
    open();
    var first = submit("a");
    var second = submit("b");
    assertThat(engine.inFlight()).isEqualTo(2);

    engine.answer("b");
    engine.fail("a", new TriesExhaustedException(3, new IllegalStateException("of its own")));

    assertThat(second.join().text()).isEqualTo(FakeEngine.answerTo("secret b"));
    assertThatThrownBy(first::join).hasRootCauseMessage("of its own");
    assertThat(first.handle((none, thrown) -> TriesExhaustedException.triesOf(thrown)).join())
        .isEqualTo(3);
    guard.close();
    assertThat(files()).isEmpty();
  }

  @Test
  void shouldRunSuspectsOneAfterTheOtherWithNothingBeside() throws Exception {
    crashWith("a", "b", "c");
    open();
    begin("before");

    List<CompletableFuture<GenerationResult>> outcomes =
        List.of(submit("a"), submit("b"), submit("after"));

    assertThat(engine.inFlight()).isOne();
    for (String id : List.of("before", "a", "b")) {
      awaitOnly(id);
      engine.answer(id);
    }
    awaitOnly("after");
    engine.answer("after");
    assertThat(outcomes)
        .allSatisfy(outcome -> assertThat(outcome.join().text()).startsWith("re: secret"));
  }

  /** Those of another subtask as well. */
  @Test
  void shouldHoldUpAllSubtasksWhileASuspectIsAlone() throws Exception {
    crashWith("a");
    open();
    begin("a");
    awaitOnly("a");
    FakeEngine others = FakeEngine.answering();
    try (CrashGuard other = CrashGuard.open(journals, "other")) {
      var waiting = submit(other, others, "b");
      assertThat(waiting).isNotDone();

      engine.answer("a");

      assertThat(waiting.join().text()).isEqualTo("re: secret b");
    }
  }

  @Test
  void shouldForgetASuspicionOnceTheRequestRanAlone() throws Exception {
    crashWith("a", "b");
    open();
    begin("a");
    awaitOnly("a");
    engine.answer("a");
    begin("b");
    awaitOnly("b"); // a is over with all its notes
    guard.stop();
    guard.close();
    engine.close();
    TestCluster.requireNothingOpen(); // b has given its places back

    FakeEngine next = FakeEngine.holding();
    try (CrashGuard again = CrashGuard.open(journals, "again")) {
      begin(again, next, "a");
      begin(again, next, "c");
      assertThat(next.inFlight()).isEqualTo(2);
      next.close();
    }
  }

  @Test
  void shouldNotTryAgainWhatWasAloneWhenAProcessEnded() throws Exception {
    crashWith("a", "b");
    crashWith("a", "b"); // a alone, b behind it
    open();

    var guilty = submit("a");
    var innocent = submit("b");

    assertThatThrownBy(guilty::join)
        .cause()
        .isInstanceOf(NativeCrashException.class)
        .hasMessageContainingAll("Request a", journals.toString())
        .hasMessageNotContaining("secret");
    awaitOnly("b");
    engine.answer("b");
    assertThat(innocent.join().text()).isEqualTo("re: secret b");
    assertThatThrownBy(submit("a")::join).hasCauseInstanceOf(NativeCrashException.class);
  }

  @Test
  void shouldTellAnotherModelAndAnotherRecordApart() throws Exception {
    crashWith("a", "b");
    crashWith("a", "b");
    FakeEngine other = FakeEngine.holding("another model");
    try (CrashGuard better = CrashGuard.open(journals, "better")) {
      var retried = submit(better, other, "a");
      other.answer("a");
      assertThat(retried.join().text()).isEqualTo("re: secret a");
    }
  }

  @Test
  void shouldTakeALivingProcessForNoCrash() throws Exception {
    try (GuardedProcess process = GuardedProcess.start(journals, "a", "b")) {
      open();
      begin("a");
      begin("c");
      assertThat(engine.inFlight()).isEqualTo(2);
      assertThat(files()).hasSize(2);
      process.kill();
    }
  }

  @Test
  void shouldTakeAnOrderlyEndForNoCrash() throws Exception {
    try (GuardedProcess process = GuardedProcess.start(journals, "a", "b")) {
      process.terminate();
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void shouldNoteNothingOfWhatARecordSays() throws Exception {
    crashWith("a", "b");

    assertThat(files()).hasSize(1);
    assertThat(Files.readString(files().get(0)).lines().map(String::strip))
        .filteredOn(line -> !line.isEmpty())
        .hasSize(2)
        .allMatch(line -> line.matches("R [0-9a-f]{32} [ab]"));
  }

  @Test
  void shouldDeleteJournalsThatAreOld() throws Exception {
    crashWith("a");
    Files.setLastModifiedTime(
        files().get(0), FileTime.from(Instant.now().minus(Duration.ofDays(8))));

    open();
    guard.close();

    assertThat(files()).isEmpty();
  }

  @Test
  void shouldTakeDamagedJournalsForEmpty() throws Exception {
    crashWith("a");
    byte[] journal = Files.readAllBytes(files().get(0));
    journal[5] = 'x';
    Files.write(files().get(0), journal);

    open();
    begin("a");
    begin("b");

    assertThat(engine.inFlight()).isEqualTo(2);
  }

  @Test
  void shouldCancelWhatWaitsWhenClosed() throws Exception {
    crashWith("a", "b");
    open();
    var running = submit("a");
    awaitOnly("a");
    var waiting = submit("b");

    guard.stop();
    engine.close();

    assertThatThrownBy(waiting::join).isInstanceOf(CancellationException.class);
    assertThatThrownBy(running::join).isInstanceOf(CancellationException.class);
  }

  @Test
  void shouldCancelTheGenerationOfACancelledRequest() throws Exception {
    open();

    submit("a").cancel(true);

    assertThat(engine.isCancelled("a")).isTrue();
  }

  @Test
  void shouldFailTheJobAtItsStartWhenTheFolderCannotBeUsed() throws Exception {
    Files.writeString(journals, "in the way");
    Configuration options =
        new Configuration().set(ExecuTorchOptions.CRASH_JOURNAL_FOLDER, journals.toString());

    assertThatThrownBy(
            () ->
                SubtaskEngine.open(
                    name -> CompletableFuture.completedFuture(engine),
                    GenerationSettings.from(options),
                    ServingSettings.PLAIN,
                    NativeMemory.of(NativeMemory.UNKNOWN),
                    new MetricListener().getMetricGroup(),
                    "test"))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessageContainingAll(journals.toString(), "executorch.crash-journal.folder");
    assertThat(engine.isClosed()).isTrue();
  }

  /** As if the disk were full: no file gets longer than 12 KiB, and 8 are there from the start. */
  @Test
  void shouldCompleteRequestsThatCannotBeNoted() throws Exception {
    assertThat(GuardedProcess.runWithin(12, journals, 200))
        .contains("completed 200")
        .endsWith("exit code 0");
    assertThat(files()).isEmpty();
  }

  @Test
  void shouldSayAtTheStartThatNothingCanBeWritten() throws Exception {
    assertThat(GuardedProcess.runWithin(4, journals, 1))
        .contains("IOException", "No crash journal can be written in " + journals)
        .endsWith("exit code 1");
    assertThat(files()).isEmpty();
  }

  static CompletableFuture<GenerationResult> submit(
      CrashGuard guard, FakeEngine engine, String id) {
    String prompt = "secret " + id;
    return guard.submit(
        InferenceRequest.of(id, prompt),
        engine.modelDigest(),
        () -> engine.submit(GenerationRequest.of(id, prompt, GenerationConfig.greedy())));
  }

  private CompletableFuture<GenerationResult> submit(String id) {
    return submit(guard, engine, id);
  }

  static void begin(CrashGuard guard, FakeEngine engine, String id) {
    var unused = submit(guard, engine, id);
  }

  private void begin(String id) {
    begin(guard, engine, id);
  }

  private void open() throws IOException {
    guard = CrashGuard.open(journals, "test");
  }

  /** Another process has these requests in work, and then is no more. */
  private void crashWith(String... ids) throws Exception {
    try (GuardedProcess process = GuardedProcess.start(journals, ids)) {
      process.kill();
    }
  }

  /** Until this request is in work; nothing else is then. */
  private void awaitOnly(String id) {
    await().until(() -> engine.request(id) != null && engine.inFlight() > 0);
    assertThat(engine.inFlight()).isOne();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(journals)) {
      return files.toList();
    }
  }
}
