package io.github.flinkexecutorch.bench;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.Tensor;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One token through a decoder with a KV cache, on the calling thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class DecodeStepBenchmark {
  private static final int POSITIONS = 200;

  /** A program that {@code export_llm} made; its context has to hold 256 tokens. */
  @Param("sample-data/tickets/model.pte")
  public String model;

  private ExecuTorchModule module;
  private int position;

  /** Opens the program. */
  @Setup
  public void open() {
    try (Program program = Program.open(Path.of(model), List.of(), LoadMode.MMAP)) {
      module = program.openModule(Threading.INLINE);
    }
  }

  /** Closes it. */
  @TearDown
  public void close() {
    module.close();
  }

  /** One step, at positions 0 to 199 in turn. */
  @Benchmark
  public List<EValue> step() {
    position = (position + 1) % POSITIONS;
    return module.execute(
        "forward",
        EValue.of(Tensor.of(new long[] {17}, 1, 1)),
        EValue.of(Tensor.of(new long[] {position}, 1)));
  }
}
