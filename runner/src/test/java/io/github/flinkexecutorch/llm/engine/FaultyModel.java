package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * Stands between an engine and its model: executions wait at a gate where there is one, and chosen
 * ones fail after the model has computed them.
 */
final class FaultyModel implements UnaryOperator<StepModel> {
  static final String FAILURE = "the runtime says no";

  private final IntPredicate fails;
  private final Semaphore gate;
  private final AtomicInteger executions = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> executed = new ConcurrentLinkedQueue<>();
  private volatile boolean recovers = true;

  private FaultyModel(IntPredicate fails, Semaphore gate) {
    this.fails = fails;
    this.gate = gate;
  }

  /** Executions whose number, from 0 on, is so, fail. */
  static FaultyModel failing(IntPredicate fails) {
    return new FaultyModel(fails, new Semaphore(Integer.MAX_VALUE));
  }

  /** Every execution takes a permit first. */
  static FaultyModel gated(Semaphore gate) {
    return new FaultyModel(execution -> false, gate);
  }

  /** After a failed execution the model cannot be made to work again. */
  FaultyModel withoutRecovery() {
    recovers = false;
    return this;
  }

  int executions() {
    return executions.get();
  }

  /** Ids of the requests of all executions, one after another. */
  List<String> executed() {
    return List.copyOf(executed);
  }

  @Override
  public StepModel apply(StepModel model) {
    return new ForwardingModel(model) {
      @Override
      public void execute(Step step) {
        gate.acquireUninterruptibly();
        step.runs().forEach(run -> executed.add(run.session().id()));
        super.execute(step);
        if (fails.test(executions.getAndIncrement())) {
          throw new ExecuTorchException(ErrorCode.INTERNAL, FAILURE);
        }
      }

      @Override
      public void recover() {
        if (!recovers) {
          throw new ExecuTorchException(ErrorCode.INVALID_STATE, "the model is gone");
        }
        super.recover();
      }
    };
  }
}
