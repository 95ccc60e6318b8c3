package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads the times of an ETDump. An execution is a run of its own in it, which does not say of which
 * method; and the runtime names an operator only where its kernel does, so that names come from the
 * program.
 *
 * <p>The numbers of fields are those of ExecuTorch's etdump_schema_flatcc.fbs.
 */
final class EtDumpReader {
  private static final int SIZE_BYTES = 4; // before the tables
  private static final int DUMP_RUNS = 1;
  private static final int RUN_EVENTS = 3;
  private static final int EVENT_PROFILE = 0;
  private static final int PROFILE_NAME = 0;
  private static final int PROFILE_INSTRUCTION = 2;
  private static final int PROFILE_START = 6;
  private static final int PROFILE_END = 7;
  private static final String EXECUTION = "Method::execute";
  private static final String OPERATOR = "OPERATOR_CALL";
  private static final String DELEGATE = "DELEGATE_CALL";

  private final FlatBuffer in;
  private final Map<String, ExecutionProfile.OperatorTime> times = new HashMap<>();
  private long nanos;

  private EtDumpReader(FlatBuffer in) {
    this.in = in;
  }

  /**
   * Sums up the latest execution of each method.
   *
   * @param methods what was executed, in order
   * @param calls what each instruction of a method calls
   * @throws ExecuTorchException if the dump holds something else
   */
  static ExecutionProfile read(
      byte[] etDump, List<String> methods, Function<String, List<String>> calls) {
    ByteBuffer tables = ByteBuffer.wrap(etDump);
    EtDumpReader reader =
        new EtDumpReader(
            new FlatBuffer(tables.position(etDump.length == 0 ? 0 : SIZE_BYTES).slice()));
    try {
      List<Integer> executions = etDump.length == 0 ? List.of() : reader.executions();
      if (executions.size() != methods.size()) {
        throw new ExecuTorchException(
            ErrorCode.INTERNAL,
            "The ETDump has %d executions, but there were %d"
                .formatted(executions.size(), methods.size()));
      }
      Map<String, Integer> latest = new LinkedHashMap<>();
      for (int i = 0; i < methods.size(); i++) {
        latest.put(methods.get(i), executions.get(i));
      }
      latest.forEach((method, run) -> reader.add(run, calls.apply(method)));
    } catch (IndexOutOfBoundsException e) {
      throw new ExecuTorchException(ErrorCode.INTERNAL, "The ETDump is damaged: " + e.getMessage());
    }
    List<ExecutionProfile.OperatorTime> longestFirst = new ArrayList<>(reader.times.values());
    longestFirst.sort(
        Comparator.comparing(ExecutionProfile.OperatorTime::nanos)
            .reversed()
            .thenComparing(ExecutionProfile.OperatorTime::name));
    return new ExecutionProfile(etDump, longestFirst, reader.nanos);
  }

  /** The runs that are executions, and not the loading of methods. */
  private List<Integer> executions() {
    return in.tables(in.root(), DUMP_RUNS)
        .filter(run -> profiles(run).stream().anyMatch(event -> isNamed(event, EXECUTION)))
        .boxed()
        .toList();
  }

  private void add(int run, List<String> calls) {
    for (int event : profiles(run)) {
      if (isNamed(event, EXECUTION)) {
        nanos += time(event);
      } else if (isNamed(event, OPERATOR) || isNamed(event, DELEGATE)) {
        String name = calls.get(in.intAt(event, PROFILE_INSTRUCTION));
        times.merge(
            name,
            new ExecutionProfile.OperatorTime(name, 1, time(event)),
            (one, other) ->
                new ExecutionProfile.OperatorTime(
                    name, one.calls() + other.calls(), one.nanos() + other.nanos()));
      }
    }
  }

  private List<Integer> profiles(int run) {
    return in.tables(run, RUN_EVENTS)
        .filter(event -> in.has(event, EVENT_PROFILE))
        .map(event -> in.table(event, EVENT_PROFILE))
        .boxed()
        .toList();
  }

  private boolean isNamed(int event, String name) {
    return in.string(event, PROFILE_NAME).equals(name);
  }

  /** The clock of the runtime counts nanoseconds. */
  private long time(int event) {
    return in.longAt(event, PROFILE_END) - in.longAt(event, PROFILE_START);
  }
}
