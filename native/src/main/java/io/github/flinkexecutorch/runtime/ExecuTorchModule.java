package io.github.flinkexecutorch.runtime;

import java.util.List;
import java.util.Set;

/**
 * The methods of one program, with their own mutable state (a KV cache, if the program has one).
 *
 * <p>Confined to one thread at a time. Several modules may be open over one {@link Program}; they
 * share its constants and nothing else. Opened with {@link Program#openModule}; whoever opens it
 * closes it.
 */
public interface ExecuTorchModule extends AutoCloseable {
  /** What messages call the program: its file, where it came from one. */
  default String origin() {
    return "the program";
  }

  /** Names of all methods, executable ones and constants alike. */
  Set<String> methodNames();

  /**
   * What the program says of a method; does not load it.
   *
   * @throws ExecuTorchException {@link ErrorCode#NOT_FOUND} if there is no such method
   */
  MethodMeta methodMeta(String method);

  /**
   * Loads a method: plans its memory, resolves its operators, packs its weights. Does nothing if it
   * is loaded already.
   *
   * @throws ExecuTorchException {@link ErrorCode#OPERATOR_MISSING}, naming the operators, if one is
   *     not in this build
   */
  void loadMethod(String method);

  /**
   * Loads methods that share their mutable state: what one of them remembers, the others see. The
   * program must have been exported so ({@code share_mutable_buffers}). Comes before any other
   * method is loaded.
   *
   * @throws ExecuTorchException {@link ErrorCode#INVALID_PROGRAM} if they share none
   */
  default void loadSharing(List<String> methods) {
    throw new UnsupportedOperationException("The methods of this module share nothing");
  }

  /**
   * Runs a method, loading it first where needed. Inputs are checked against {@link #methodMeta}
   * before the runtime sees them.
   *
   * @return the outputs; their tensors are views that the next execution of this method invalidates
   * @throws ExecuTorchException if an input does not fit or the runtime refuses; the state of the
   *     method's mutable buffers is then unknown
   */
  List<EValue> execute(String method, EValue... inputs);

  /**
   * Runs a method of a program whose keys and values are in pages, as {@link #execute} does, with a
   * step's page tables in force. The step's runs have as many tokens together as the inputs.
   *
   * @throws ExecuTorchException also if the step does not fit the pages or the pages do not fit the
   *     program, before anything is written; after any other failure the contents of the pages that
   *     the step writes are unknown
   * @throws IllegalStateException if the pages are closed or in use by another thread
   */
  default List<EValue> executePaged(
      String method, KvPages pages, PagedStep step, EValue... inputs) {
    throw new UnsupportedOperationException("This module knows no pages");
  }

  /**
   * Gives all loaded methods the mutable state that they had when they were loaded: KV caches and
   * recurrent state alike. Views of outputs are invalid afterwards.
   */
  void restoreState();

  /** Native memory that this module accounts for. */
  MemoryReport memoryReport();

  /**
   * Starts recording execution events. Unloads all methods: they load again when next used, with
   * fresh state.
   *
   * @throws IllegalStateException if it is recording already
   */
  default void startEtDump() {
    throw new UnsupportedOperationException("This module records no ETDump");
  }

  /**
   * Stops recording and unloads all methods, as {@link #startEtDump} does.
   *
   * @return the recorded events in ExecuTorch's ETDump form, empty if nothing ran
   * @throws IllegalStateException if it is not recording
   */
  default byte[] stopEtDump() {
    throw new UnsupportedOperationException("This module records no ETDump");
  }

  /**
   * Stops recording as {@link #stopEtDump} does, and sums up the latest execution of each method.
   *
   * @throws ExecuTorchException also if the record cannot be read
   */
  default ExecutionProfile stopProfile() {
    throw new UnsupportedOperationException("This module records no ETDump");
  }

  /** Frees the native memory. Must not run while another thread is inside {@link #execute}. */
  @Override
  void close();
}
