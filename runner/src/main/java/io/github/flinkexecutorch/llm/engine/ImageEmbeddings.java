package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gets the images of waiting sequences encoded, as many at once as the encoder takes, and keeps the
 * results for images that come again. Confined to the engine's thread.
 */
final class ImageEmbeddings {
  private final StepModel model;
  private final int maxImages;
  private final long budget;

  /** By digest, the one that was used longest ago first. */
  private final Map<String, ByteBuffer> kept = new LinkedHashMap<>(16, 0.75f, true);

  private long keptBytes;

  /**
   * @param maxImages most images of one execution
   * @param budget most bytes to keep
   */
  ImageEmbeddings(StepModel model, int maxImages, long budget) {
    this.model = model;
    this.maxImages = maxImages;
    this.budget = budget;
  }

  private record Wanted(LLMSession session, MediaSpan span) {}

  /**
   * Encodes the images of the first sequence, and of those behind it until an execution is full. If
   * an execution fails, the futures of the sequences in it fail.
   *
   * @param waiting in the order in which they will be admitted
   */
  void prepare(List<LLMSession> waiting) {
    if (waiting.isEmpty() || waiting.get(0).isEncoded()) {
      return;
    }
    Map<String, List<Wanted>> batch = new LinkedHashMap<>();
    for (LLMSession session : waiting) {
      for (MediaSpan span : session.media()) {
        ByteBuffer known = span.isEncoded() ? span.embeddings() : kept.get(span.digest());
        if (known != null) {
          span.encoded(known);
        } else {
          batch
              .computeIfAbsent(span.digest(), digest -> new ArrayList<>())
              .add(new Wanted(session, span));
        }
      }
      if (batch.size() >= maxImages) {
        break;
      }
    }
    List<List<Wanted>> images = new ArrayList<>(batch.values());
    for (int from = 0; from < images.size(); from += maxImages) {
      encode(images.subList(from, Math.min(from + maxImages, images.size())));
    }
  }

  /** Encodes images, each for all who want it. */
  private void encode(List<List<Wanted>> images) {
    try {
      List<ByteBuffer> embeddings =
          model.encode(images.stream().map(wanted -> wanted.get(0).span().image()).toList());
      for (int i = 0; i < images.size(); i++) {
        ByteBuffer rows = embeddings.get(i);
        keep(images.get(i).get(0).span().digest(), rows);
        images.get(i).forEach(wanted -> wanted.span().encoded(rows));
      }
    } catch (ExecuTorchException e) {
      images.forEach(wanted -> wanted.forEach(one -> one.session().fail(e)));
      model.recover();
    }
  }

  private void keep(String digest, ByteBuffer rows) {
    if (rows.capacity() > budget) {
      return;
    }
    kept.put(digest, rows);
    keptBytes += rows.capacity();
    for (Iterator<ByteBuffer> oldest = kept.values().iterator(); keptBytes > budget; ) {
      keptBytes -= oldest.next().capacity();
      oldest.remove();
    }
  }
}
