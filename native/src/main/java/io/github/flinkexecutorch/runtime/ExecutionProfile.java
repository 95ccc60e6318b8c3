package io.github.flinkexecutorch.runtime;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;

/** What recorded executions took, operator by operator. */
public final class ExecutionProfile {
  private static final double NANOS_PER_MS = 1e6;

  private final byte[] etDump;
  private final List<OperatorTime> operators;
  private final long nanos;

  /**
   * The calls of one operator or delegate.
   *
   * @param name {@code namespace::name.overload}, or the name of a backend
   * @param calls how many there were
   * @param nanos what all of them took
   */
  public record OperatorTime(String name, int calls, long nanos) {}

  ExecutionProfile(byte[] etDump, List<OperatorTime> operators, long nanos) {
    this.etDump = etDump;
    this.operators = List.copyOf(operators);
    this.nanos = nanos;
  }

  /** Everything that was recorded, for ExecuTorch's own tools. */
  public byte[] etDump() {
    return etDump.clone();
  }

  /** Of the latest execution of each method; what takes longest comes first. */
  public List<OperatorTime> operators() {
    return operators;
  }

  /** Time of these executions; more than that of their operators. */
  public long nanos() {
    return nanos;
  }

  /** A table, one operator a line. */
  @Override
  public String toString() {
    return operators.stream()
        .map(operator -> row(operator.name(), operator.calls(), operator.nanos()))
        .collect(
            joining(
                "", "%-44s %7s %10s %7s%n".formatted("operator", "calls", "ms", "part"), row()));
  }

  private String row() {
    return row("the whole execution", 1, nanos);
  }

  private String row(String name, int calls, long time) {
    return String.format(
        Locale.ROOT,
        "%-44s %7d %10.3f %6.1f%%%n",
        name,
        calls,
        time / NANOS_PER_MS,
        100.0 * time / Math.max(1, nanos));
  }
}
