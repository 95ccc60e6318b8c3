package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A model of several versions without a file, each with an engine that holds its requests. The test
 * says which version is to be served and when one is loaded. For operators that run in the test's
 * own process without a cluster: it cannot be copied.
 */
final class VersionedFakes implements EngineFactory {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, FakeEngine> engines = new ConcurrentHashMap<>();
  private final transient Map<String, CompletableFuture<InferenceEngine>> opened =
      new ConcurrentHashMap<>();
  private volatile String wanted;

  VersionedFakes(String first) {
    wanted = first;
    load(first);
  }

  void want(String version) {
    wanted = version;
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

  FakeEngine engine(String version) {
    return engines.computeIfAbsent(version, unused -> FakeEngine.holding());
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
