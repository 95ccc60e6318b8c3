package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.BatchedMetadata;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.KvPages;
import io.github.flinkexecutorch.runtime.KvType;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.Threading;
import java.util.List;
import java.util.function.UnaryOperator;

/** Opens engines for tests. */
final class Engines {
  private static final int MOST_WAITS = 3000; // a minute

  private Engines() {}

  /** An engine whose steps go through another model first. */
  static LLMEngine open(ModelSpec spec, EngineOptions options, UnaryOperator<StepModel> models) {
    LLMEngine engine = new LLMEngine(spec, options, "test", models);
    return Opening.await(engine.opened(), spec.model().toString(), engine::close);
  }

  static LLMEngine open(BatchedGoldens model, EngineOptions options) {
    return LLMEngine.open(model.spec(), options, "test");
  }

  /** Options with just so many KV pages. */
  static EngineOptions withPages(
      BatchedGoldens model, EngineOptions options, int pages, int pageTokens, KvType type) {
    return options.withKvCache(
        pages * shape(model, pageTokens, type).pageBytes(), pageTokens, type);
  }

  static EngineOptions withPages(BatchedGoldens model, EngineOptions options, int pages) {
    return withPages(model, options, pages, 16, KvType.FLOAT);
  }

  /**
   * Nothing is open any more. What is being closed is waited for: a closing itself waits for its
   * threads for 2 seconds at most, and on a busy machine they may need longer.
   */
  static void assertAllClosed() throws InterruptedException {
    for (int i = 0; i < MOST_WAITS && !threads().isEmpty(); i++) {
      Thread.sleep(20);
    }
    assertThat(threads()).isEmpty();
    assertThat(SharedPrograms.open()).isEmpty();
    assertThat(SharedEngines.open()).isEmpty();
  }

  /** As of now, when nothing runs: a request is complete before its last step is counted. */
  static EngineStats idleStats(LLMEngine engine) {
    while (engine.stats().running() > 0) {
      Thread.onSpinWait();
    }
    return engine.stats();
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.matches("llm-(engine|prompts|open|runner)-.*"))
        .toList();
  }

  private static KvPages.Shape shape(BatchedGoldens model, int pageTokens, KvType type) {
    try (Program program = Program.open(model.file(), List.of(), LoadMode.MMAP);
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      BatchedMetadata batched = BatchedMetadata.read(module);
      return new KvPages.Shape(
          batched.layers(), batched.kvHeads(), batched.headSize(), pageTokens, type);
    }
  }
}
