package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.Tensor;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * An engine whose native code has a bug: a step with a sequence of a certain name in it, one that
 * has been given a token already, executes an operator of ExecuTorch that ends the process.
 */
public final class PoisonedEngine {
  /** How the ids of the requests begin that end the process. */
  public static final String POISON = "poison";

  /** The variable of the environment with the library of the operator. */
  public static final String LIBRARY = "POISON_LIBRARY";

  /** The variable with the program that calls it. */
  public static final String PROGRAM = "POISON_PROGRAM";

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
          abort();
        }
      }
    }
  }

  private static void abort() {
    try (Program program = Program.open(Path.of(System.getenv(PROGRAM)), List.of(), LoadMode.FILE);
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      System.load(System.getenv(LIBRARY)); // registers the operator
      module.loadMethod("forward");
      module.execute("forward", EValue.of(Tensor.of(new float[6], 2, 3)));
    }
    throw new AssertionError("The operator came back.");
  }
}
