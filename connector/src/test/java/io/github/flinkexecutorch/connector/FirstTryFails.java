package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.configuration.Configuration;

/** Real engines, whose answers to each request are thrown away the first time. */
public final class FirstTryFails implements EngineFactory {
  private static final long serialVersionUID = 1L;

  private final EngineFactory factory;

  FirstTryFails(Configuration options) {
    factory = new ModelEngineFactory(options);
  }

  /** A model for rows on such an engine. */
  public static RowInference rows(Configuration options, List<String> texts) {
    return new RowInference(options, texts, List.of(), new FirstTryFails(options));
  }

  @Override
  public CompletableFuture<InferenceEngine> open(String name) {
    return factory.open(name).thenApply(Failing::new);
  }

  private static final class Failing implements InferenceEngine {
    private final InferenceEngine engine;
    private final Set<String> tried = ConcurrentHashMap.newKeySet();

    Failing(InferenceEngine engine) {
      this.engine = engine;
    }

    @Override
    public CompletableFuture<GenerationResult> submit(GenerationRequest request) {
      CompletableFuture<GenerationResult> result = engine.submit(request);
      return tried.add(request.id())
          ? result.thenApply(
              answer -> {
                throw new ExecuTorchException(ErrorCode.INTERNAL, "the runtime says no");
              })
          : result;
    }

    @Override
    public int inFlight() {
      return engine.inFlight();
    }

    @Override
    public boolean isClosed() {
      return engine.isClosed();
    }

    @Override
    public String modelDigest() {
      return engine.modelDigest();
    }

    @Override
    public long modelBytes() {
      return engine.modelBytes();
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
