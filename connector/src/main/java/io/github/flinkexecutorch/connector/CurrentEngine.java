package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.EngineStats;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Whichever engine is the current one at each call. Owns none: closing it does nothing.
 *
 * @param engine the one of the moment
 */
record CurrentEngine(Supplier<InferenceEngine> engine) implements InferenceEngine {

  @Override
  public CompletableFuture<GenerationResult> submit(GenerationRequest request) {
    return engine.get().submit(request);
  }

  @Override
  public int inFlight() {
    return engine.get().inFlight();
  }

  @Override
  public boolean isClosed() {
    return engine.get().isClosed();
  }

  @Override
  public EngineStats stats() {
    return engine.get().stats();
  }

  @Override
  public String modelDigest() {
    return engine.get().modelDigest();
  }

  @Override
  public long modelBytes() {
    return engine.get().modelBytes();
  }

  @Override
  public long nativeBytes() {
    return engine.get().nativeBytes();
  }

  @Override
  public void close() {}
}
