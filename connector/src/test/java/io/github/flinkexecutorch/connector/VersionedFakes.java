package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * A model of several versions without a file, each with an engine that holds its requests and has
 * the version for its digest. The test says which version is to be served and when one is loaded.
 * For operators that run in the test's own process without a cluster: it cannot be copied.
 */
final class VersionedFakes implements EngineFactory {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, FakeEngine> engines = new ConcurrentHashMap<>();
  private final transient Map<String, CompletableFuture<InferenceEngine>> opened =
      new ConcurrentHashMap<>();
  private volatile String wanted;
  private transient volatile CountDownLatch readable = new CountDownLatch(0);

  VersionedFakes(String first) {
    wanted = first;
    load(first);
  }

  void want(String version) {
    wanted = version;
  }

  /** Nobody can read the version from now on, as on a file system that hangs. */
  void hang() {
    readable = new CountDownLatch(1);
  }

  /** The version can be read again. */
  void goOn() {
    readable.countDown();
  }

  /** Ends the loading of a version, begun or not. */
  void load(String version) {
    opening(version).complete(engine(version));
  }

  void refuse(String version, Throwable reason) {
    opening(version).completeExceptionally(reason);
  }

  /** A version that was refused can be opened from now on. */
  void repair(String version) {
    opened.remove(version);
    load(version);
  }

  /** Whether the loading of a version was begun or ended. */
  boolean isOpening(String version) {
    return opened.containsKey(version);
  }

  FakeEngine engine(String version) {
    return engines.computeIfAbsent(version, FakeEngine::holding);
  }

  @Override
  public CompletableFuture<InferenceEngine> open(String name) {
    return open(name, wanted);
  }

  @Override
  public CompletableFuture<InferenceEngine> open(String name, String version) {
    return opening(version);
  }

  @Override
  public String version() {
    try {
      readable.await();
    } catch (InterruptedException e) {
      throw new InvalidModelException("nobody waits for the version", e);
    }
    return wanted;
  }

  @Override
  public boolean isVersioned() {
    return true;
  }

  private CompletableFuture<InferenceEngine> opening(String version) {
    return opened.computeIfAbsent(version, unused -> new CompletableFuture<>());
  }
}
