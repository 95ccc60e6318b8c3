package io.github.flinkexecutorch.runtime;

import java.lang.ref.Reference;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A method in native memory, with the words through which Java and the bridge exchange its inputs
 * and outputs ({@code EtValue} in et_bridge.h).
 */
final class LoadedMethod implements AutoCloseable {
  private static final Pattern MISSING_OPERATOR =
      Pattern.compile("Missing operator: \\[\\d+] (\\S+?)(?=[;\\s]|$)");

  private final long handle;
  private final MethodMeta meta;
  private final String description;
  private final LongBuffer inputs;
  private final OutputView[] outputs;
  private EValue[] kept; // inputs that the method may still point to
  private List<EValue> results;

  private LoadedMethod(MethodMeta meta, String description, long[] loaded) {
    this.handle = loaded[0];
    this.meta = meta;
    this.description = description;
    this.inputs = words(loaded[1], meta.inputs().size());
    LongBuffer outputWords = words(loaded[2], meta.outputs().size());
    this.outputs = new OutputView[meta.outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = new OutputView(outputWords, i * ValueWords.COUNT);
    }
  }

  /**
   * @param trace a recorder of events, 0 for none
   * @param sharing a method whose mutable state this one shares, {@code null} for none
   */
  static LoadedMethod load(
      Program program,
      MethodMeta meta,
      Threading threading,
      XnnpackOptions xnnpack,
      long trace,
      LoadedMethod sharing) {
    String description = "method " + meta.name() + " of " + program.path();
    long[] loaded = new long[3];
    int status =
        NativeBridge.et_method_load(
            program.handle(),
            Native.terminated(meta.name()),
            threading == Threading.INLINE ? 1 : 0,
            xnnpack.workspaceSharing().code(),
            xnnpack.weightCache() ? 1 : 0,
            xnnpack.packedCache().map(Native::terminated).orElse(new byte[1]),
            trace,
            sharing == null ? 0 : sharing.handle,
            loaded);
    try {
      Native.check(status, "Cannot load ", description);
    } catch (ExecuTorchException e) {
      throw e.code() == ErrorCode.OPERATOR_MISSING ? missing(description, e) : explained(e);
    }
    return new LoadedMethod(meta, description, loaded);
  }

  private static ExecuTorchException explained(ExecuTorchException e) {
    return e.getMessage().contains("is not registered")
        ? new ExecuTorchException(
            e.code(), e.getMessage() + ". Lower the model to XNNPACK, the backend of this build.")
        : e;
  }

  private static ExecuTorchException missing(String description, ExecuTorchException e) {
    String operators =
        MISSING_OPERATOR
            .matcher(e.getMessage())
            .results()
            .map(match -> match.group(1))
            .distinct()
            .collect(Collectors.joining(", "));
    return new ExecuTorchException(
        ErrorCode.OPERATOR_MISSING,
        "Cannot load "
            + description
            + ": this build has no kernel for "
            + (operators.isEmpty() ? e.getMessage() : operators)
            + ". Export the model without these operators, or lower them to XNNPACK.");
  }

  List<EValue> execute(EValue[] values) {
    return execute(values, () -> NativeBridge.et_method_execute(handle));
  }

  /** Executes with the page tables of a step in force. */
  List<EValue> execute(EValue[] values, KvPages pages, PagedStep step) {
    return execute(
        values,
        () -> {
          try {
            return pages.execute(handle, step);
          } finally {
            Reference.reachabilityFence(step);
          }
        });
  }

  private List<EValue> execute(EValue[] values, IntSupplier run) {
    InputCheck.check(meta, description, values);
    for (int i = 0; i < values.length; i++) {
      ValueWords.write(values[i], inputs, i * ValueWords.COUNT);
    }
    kept = values.clone();
    Native.check(run(run), "Cannot execute ", description);
    boolean changed = results == null;
    for (OutputView output : outputs) {
      changed |= output.refresh();
    }
    if (changed) {
      results = Arrays.stream(outputs).map(OutputView::value).toList();
    }
    return results;
  }

  private int run(IntSupplier run) {
    try {
      return run.getAsInt();
    } finally {
      Reference.reachabilityFence(kept);
    }
  }

  void restoreState() {
    NativeBridge.et_method_restore(handle);
  }

  @Override
  public void close() {
    NativeBridge.et_method_close(handle);
    Native.drainLog();
  }

  private static LongBuffer words(long address, int values) {
    return Native.view(address, (long) values * ValueWords.COUNT * Long.BYTES).asLongBuffer();
  }
}
