package io.github.flinkexecutorch.connector;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of one subtask's model: the one that answers, the next one while it loads, and
 * earlier ones until what they have begun is done. Confined to the task's thread, but for {@link
 * #current}.
 */
final class ModelVersions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelVersions.class);
  private static final int FIRST_PAUSE = 2; // checkpoints
  private static final int MOST_DOUBLINGS = 4;

  private final EngineFactory factory;
  private final ServingSettings settings;
  private final NativeMemory memory;
  private final String name;
  private final VersionReader reader;
  private final List<ServedModel> retired = new ArrayList<>();
  private volatile ServedModel current;
  private Loading next; // null: none is wanted
  private String refused; // could not be opened, and no other has been wanted since
  private int refusals; // of it, in a row
  private int pause; // checkpoints until it is tried again
  private final AtomicInteger swaps = new AtomicInteger();
  private final AtomicInteger failedSwaps = new AtomicInteger();

  private ModelVersions(
      EngineFactory factory, ServingSettings settings, NativeMemory memory, String name) {
    this.factory = factory;
    this.settings = settings;
    this.memory = memory;
    this.name = name;
    this.reader = new VersionReader(factory, name);
  }

  /**
   * Opens the version that is to be served now, and waits for it.
   *
   * @throws ExecutionException with the reason why it cannot be served
   */
  static ModelVersions open(
      EngineFactory factory, ServingSettings settings, NativeMemory memory, String name)
      throws InterruptedException, ExecutionException {
    ModelVersions versions = new ModelVersions(factory, settings, memory, name);
    versions.current = versions.open(versions.reader.await());
    return versions;
  }

  /** The version that answers what comes now; from any thread. */
  ServedModel current() {
    return current;
  }

  /** How often another version took over; from any thread. */
  int swaps() {
    return swaps.get();
  }

  /** How often another version could not be served; from any thread. */
  int failedSwaps() {
    return failedSwaps.get();
  }

  /**
   * A checkpoint is complete: the next version takes over if it is ready, and begins to load if
   * there is one.
   *
   * @return whether it is known which version is wanted; otherwise everything stays as it was
   */
  boolean checkpointCompleted() {
    if (current.version().name() == null) {
      return true; // there is but one
    }
    String wanted;
    try {
      wanted = reader.awaitShortly();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The version {} goes on answering: {}", current.version().name(), e.getMessage());
      return false;
    } catch (InterruptedException e) { // the task is closing
      Thread.currentThread().interrupt();
      return false;
    }
    if (!Objects.equals(wanted, refused)) {
      refused = null; // when it is wanted again it may have been repaired
      refusals = 0;
    }
    if (next != null && (!next.version.equals(wanted) || next.model.isDone())) {
      endLoading(wanted);
    }
    if (next == null
        && !wanted.equals(current.version().name())
        && (!wanted.equals(refused) || --pause == 0)) {
      next = new Loading(wanted);
    }
    return true;
  }

  /** Whether the next version is ready to take over, or could not be opened. */
  boolean nextIsDecided() {
    return next != null && next.model.isDone();
  }

  /** Closes all versions; what is outstanding is cancelled. */
  @Override
  public void close() {
    if (next != null) {
      next.abandon();
    }
    reader.close();
    retired.forEach(ServedModel::close);
    current.close();
  }

  private void endLoading(String wanted) {
    Loading loading = next;
    next = null;
    if (!loading.version.equals(wanted)) {
      loading.abandon();
      return;
    }
    try {
      ServedModel model = loading.model.get();
      ServedModel old = current;
      current = model;
      swaps.incrementAndGet();
      refused = null;
      refusals = 0;
      retired.removeIf(ServedModel::isClosed);
      retired.add(old);
      old.retire();
      LOG.info(
          "Version {} ({}) of the model answers from now on, instead of {} ({})",
          model.version().name(),
          model.version().digest(),
          old.version().name(),
          old.version().digest());
    } catch (ExecutionException e) {
      refuse(wanted, e.getCause());
    } catch (InterruptedException e) { // it is done, so nobody waits
      Thread.currentThread().interrupt();
    }
  }

  private void refuse(String wanted, Throwable reason) {
    boolean permanent = FailureClassifier.isPermanentAtStart(reason);
    refused = wanted;
    pause = permanent ? Integer.MAX_VALUE : FIRST_PAUSE << Math.min(refusals++, MOST_DOUBLINGS);
    failedSwaps.incrementAndGet();
    LOG.error(
        "Version {} of the model cannot be served, and is {}; {} goes on answering",
        wanted,
        permanent ? "not tried again" : "tried again after " + pause + " checkpoints",
        current.version().name(),
        reason);
  }

  private ServedModel open(String version) throws InterruptedException, ExecutionException {
    String named = version == null ? name : name + "-" + version;
    return ServedModel.open(factory, settings, memory, version, named);
  }

  /** A version that is being opened, by a thread of its own. */
  private final class Loading {
    private final String version;
    private final CompletableFuture<ServedModel> model = new CompletableFuture<>();
    private final Thread thread;

    Loading(String version) {
      this.version = version;
      thread = new Thread(this::load, "llm-swap-" + name);
      thread.setDaemon(true);
      thread.start();
    }

    private void load() {
      try {
        ServedModel opened = open(version);
        if (!model.complete(opened)) {
          opened.close();
        }
      } catch (ExecutionException e) {
        model.completeExceptionally(e.getCause());
      } catch (InterruptedException | RuntimeException | Error e) {
        model.completeExceptionally(e);
      }
    }

    /** Nobody wants it any more. */
    void abandon() {
      if (model.completeExceptionally(new CancellationException("Nobody waits for it."))) {
        thread.interrupt();
      } else if (!model.isCompletedExceptionally()) {
        model.join().close();
      }
    }
  }
}
