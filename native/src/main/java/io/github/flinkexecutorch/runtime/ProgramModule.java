package io.github.flinkexecutorch.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** The methods of one module: loaded when needed, and used by one thread at a time. */
final class ProgramModule implements ExecuTorchModule {
  private final Program program;
  private final Threading threading;
  private final XnnpackOptions xnnpack;
  private final Map<String, LoadedMethod> loaded = new HashMap<>();
  private final AtomicReference<Thread> user = new AtomicReference<>();
  private List<String> sharing = List.of();
  private EtDump etDump;
  private final List<String> recorded = new ArrayList<>();
  private boolean closed;

  ProgramModule(Program program, Threading threading, XnnpackOptions xnnpack) {
    this.program = program;
    this.threading = Objects.requireNonNull(threading, "threading");
    this.xnnpack = Objects.requireNonNull(xnnpack, "xnnpack");
  }

  @Override
  public String origin() {
    return program.path().toString();
  }

  @Override
  public Set<String> methodNames() {
    return program.methods().keySet();
  }

  @Override
  public MethodMeta methodMeta(String method) {
    MethodMeta meta = program.methods().get(method);
    if (meta == null) {
      throw new ExecuTorchException(
          ErrorCode.NOT_FOUND,
          "There is no method " + method + " in " + program.path() + ", only " + methodNames());
    }
    return meta;
  }

  @Override
  public void loadMethod(String method) {
    confined(() -> loaded(method));
  }

  @Override
  public void loadSharing(List<String> methods) {
    confined(
        () -> {
          if (!loaded.isEmpty()) {
            throw new IllegalStateException(
                "Methods " + loaded.keySet() + " are loaded already; share before loading");
          }
          sharing = List.copyOf(methods);
          methods.forEach(this::loaded);
          return null;
        });
  }

  @Override
  public List<EValue> execute(String method, EValue... inputs) {
    enter();
    try {
      noteExecution(method);
      return loaded(method).execute(inputs);
    } finally {
      user.set(null);
    }
  }

  @Override
  public List<EValue> executePaged(String method, KvPages pages, PagedStep step, EValue... inputs) {
    enter();
    try {
      noteExecution(method);
      return loaded(method).execute(inputs, pages, step);
    } finally {
      user.set(null);
    }
  }

  @Override
  public void restoreState() {
    confined(
        () -> {
          loaded.values().forEach(LoadedMethod::restoreState);
          return null;
        });
  }

  @Override
  public MemoryReport memoryReport() {
    return confined(
        () -> {
          Map<String, Long> planned = new HashMap<>();
          loaded.keySet().forEach(name -> planned.put(name, methodMeta(name).plannedBytes()));
          return new MemoryReport(program.bytes(), planned);
        });
  }

  @Override
  public void startEtDump() {
    confined(
        () -> {
          if (etDump != null) {
            throw new IllegalStateException("An ETDump is being recorded already");
          }
          unload();
          etDump = EtDump.open();
          recorded.clear();
          return null;
        });
  }

  @Override
  public byte[] stopEtDump() {
    return confined(
        () -> {
          if (etDump == null) {
            throw new IllegalStateException("No ETDump is being recorded: start one first");
          }
          try (EtDump recorded = etDump) {
            etDump = null;
            unload(); // methods write to the recorder until they are gone
            return recorded.finish();
          }
        });
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    confined(
        () -> {
          closed = true;
          unload();
          if (etDump != null) {
            etDump.close();
          }
          program.release();
          return null;
        });
  }

  @Override
  public ExecutionProfile stopProfile() {
    byte[] dump = stopEtDump();
    return EtDumpReader.read(
        dump, recorded, method -> ProgramInspector.calls(program.path(), method));
  }

  private void noteExecution(String method) {
    if (etDump != null) {
      recorded.add(method);
    }
  }

  private LoadedMethod loaded(String method) {
    LoadedMethod found = loaded.get(method);
    if (found == null) {
      found =
          LoadedMethod.load(
              program,
              methodMeta(method),
              threading,
              xnnpack,
              etDump == null ? 0 : etDump.handle(),
              sharing.contains(method) ? loadedSharer() : null);
      loaded.put(method, found);
    }
    return found;
  }

  private LoadedMethod loadedSharer() {
    return sharing.stream().map(loaded::get).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private void unload() {
    loaded.values().forEach(LoadedMethod::close);
    loaded.clear();
  }

  private <T> T confined(Supplier<T> action) {
    enter();
    try {
      return action.get();
    } finally {
      user.set(null);
    }
  }

  // Two threads inside one method corrupt memory, so the second is refused.
  private void enter() {
    Thread other = user.compareAndExchange(null, Thread.currentThread());
    if (other != null) {
      throw new IllegalStateException(
          "Module of "
              + program.path()
              + " is in use by thread "
              + other.getName()
              + "; a module serves one thread at a time, open another from the same program");
    }
    if (closed) {
      user.set(null);
      throw new IllegalStateException("Module of " + program.path() + " is closed");
    }
  }
}
