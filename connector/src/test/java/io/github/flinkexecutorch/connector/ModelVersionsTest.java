package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ModelVersionsTest {
  private final VersionedFakes fakes = new VersionedFakes("v1");
  private ModelVersions versions;

  @AfterEach
  void closeAll() {
    if (versions != null) {
      versions.close();
    }
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldGoOnWithTheSameVersionAsLongAsNoOtherIsWanted() throws Exception {
    open();

    checkpoint();
    checkpoint();

    assertThat(versions.current().version().name()).isEqualTo("v1");
    assertThat(versions.swaps()).isZero();
  }

  @Test
  void shouldTakeOverAtTheCheckpointAfterTheNextVersionIsLoaded() throws Exception {
    open();
    CompletableFuture<Answer> before = versions.current().answer(request("a"));
    fakes.want("v2");
    checkpoint();
    CompletableFuture<Answer> meanwhile = versions.current().answer(request("b"));
    fakes.load("v2");
    await().until(versions::nextIsDecided);
    assertThat(versions.current().version().name()).isEqualTo("v1"); // no checkpoint yet

    checkpoint();
    CompletableFuture<Answer> after = versions.current().answer(request("c"));
    fakes.engine("v1").answer("b");
    fakes.engine("v2").answer("c");
    assertThat(fakes.engine("v1").isClosed()).isFalse(); // it still has a request
    fakes.engine("v1").answer("a");

    assertThat(before.join().model().name()).isEqualTo("v1");
    assertThat(meanwhile.join().model().name()).isEqualTo("v1");
    assertThat(after.join().model().name()).isEqualTo("v2");
    await().until(fakes.engine("v1")::isClosed);
    assertThat(fakes.engine("v2").isClosed()).isFalse();
    assertThat(versions.swaps()).isEqualTo(1);
  }

  @Test
  void shouldGoOnWithTheOldVersionWhenTheNextOneCannotBeOpened() throws Exception {
    open();
    fakes.want("v2");
    fakes.refuse("v2", new InvalidModelException("no such file"));
    decideNext();

    checkpoint();

    assertThat(versions.current().version().name()).isEqualTo("v1");
    assertThat(versions.failedSwaps()).isEqualTo(1); // and it was not tried again
    fakes.want("v3");
    fakes.load("v3");
    decideNext();
    assertThat(versions.current().version().name()).isEqualTo("v3");
  }

  @Test
  void shouldTryAgainAfterSomeCheckpointsWhereTheDiskWasFull() throws Exception {
    open();
    fakes.want("v2");
    fakes.refuse("v2", new InvalidModelException("no copy", new IOException("disk full")));
    decideNext();
    assertThat(versions.failedSwaps()).isEqualTo(1);
    fakes.repair("v2");

    decideNext();

    assertThat(versions.current().version().name()).isEqualTo("v2");
    assertThat(versions.swaps()).isEqualTo(1);
  }

  @Test
  void shouldTryARepairedVersionAgainOnceAnotherWasWanted() throws Exception {
    open();
    fakes.want("v2");
    fakes.refuse("v2", new InvalidModelException("no such file"));
    decideNext();
    fakes.repair("v2");
    checkpoint();
    assertThat(versions.nextIsDecided()).isFalse(); // nobody said that it was repaired

    fakes.want("v1");
    checkpoint();
    fakes.want("v2");
    decideNext();

    assertThat(versions.current().version().name()).isEqualTo("v2");
    assertThat(versions.failedSwaps()).isEqualTo(1);
  }

  @Test
  void shouldDropAVersionThatIsNoLongerWantedWhenItIsLoaded() throws Exception {
    open();
    fakes.want("v2");
    checkpoint();
    fakes.want("v1");
    checkpoint();
    fakes.load("v2");

    await().until(fakes.engine("v2")::isClosed);
    assertThat(versions.current().version().name()).isEqualTo("v1");
    assertThat(versions.swaps()).isZero();
  }

  @Test
  void shouldCloseWhatIsLoadingWhenClosed() throws Exception {
    open();
    fakes.want("v2");
    checkpoint();

    versions.close();
    fakes.load("v2");

    await().until(fakes.engine("v2")::isClosed);
    assertThat(fakes.engine("v1").isClosed()).isTrue();
  }

  @Test
  void shouldGoOnWhileTheVersionCannotBeRead() throws Exception {
    open();
    fakes.want("v2");
    fakes.load("v2");
    fakes.hang();

    versions.checkpointCompleted();
    versions.checkpointCompleted();

    assertThat(versions.current().version().name()).isEqualTo("v1");
    fakes.goOn();
    while (versions.swaps() == 0) {
      versions.checkpointCompleted();
    }
    assertThat(versions.current().version().name()).isEqualTo("v2");
  }

  @Test
  void shouldEndWhileTheVersionCannotBeRead() throws Exception {
    open();
    fakes.hang();
    versions.checkpointCompleted();

    versions.close();

    TestCluster.requireNothingOpen();
    assertThat(fakes.engine("v1").isClosed()).isTrue();
  }

  @Test
  void shouldSayWhyThereIsNoFirstVersion() {
    fakes.want("v0");
    fakes.refuse("v0", new InvalidModelException("no such file"));

    assertThatThrownBy(this::open)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("no such file");
  }

  /** The next version begins to load at one checkpoint, and takes over or is refused at another. */
  private void decideNext() {
    checkpoint();
    await().until(versions::nextIsDecided);
    checkpoint();
  }

  /** One that knows which version is wanted, which takes longer where threads have to wait. */
  private void checkpoint() {
    await().pollInSameThread().pollDelay(Duration.ZERO).until(versions::checkpointCompleted);
  }

  private void open() throws Exception {
    versions =
        ModelVersions.open(
            fakes, ServingSettings.PLAIN, NativeMemory.of(NativeMemory.UNKNOWN), "test");
  }

  private static GenerationRequest request(String id) {
    return GenerationRequest.of(id, "prompt " + id, GenerationConfig.greedy());
  }
}
