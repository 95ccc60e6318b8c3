package io.github.flinkexecutorch.llm.engine;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * An engine whose native code has a bug: a step with a sequence of a certain name in it, one that
 * has been given a token already, writes to address 0 and so ends the process.
 */
public final class PoisonedEngine {
  /** How the ids of the requests begin that end the process. */
  public static final String POISON = "poison";

  private PoisonedEngine() {}

  public static CompletableFuture<InferenceEngine> open(Path model, Path tokenizer, String name) {
    ModelSpec spec = ModelSpec.of(model, tokenizer);
    return new LLMEngine(spec, EngineOptions.DEFAULTS, name, Buggy::new)
        .opened()
        .thenApply(engine -> engine);
  }

  private static final class Buggy extends ForwardingModel {
    Buggy(StepModel model) {
      super(model);
    }

    @Override
    public void execute(Step step) {
      super.execute(step);
      for (Step.Run run : step.runs()) {
        if (run.session().id().startsWith(POISON) && !run.session().isPrompt()) {
          writeToNowhere();
        }
      }
    }
  }

  /** By reflection, because the compiler warns of the class. */
  private static void writeToNowhere() {
    try {
      Class<?> type = Class.forName("sun.misc.Unsafe");
      Field field = type.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      type.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 0L, 0L);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This Java cannot be made to crash.", e);
    }
  }
}
