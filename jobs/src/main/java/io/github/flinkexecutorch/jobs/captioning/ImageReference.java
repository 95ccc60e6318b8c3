package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.connector.Rejection;
import org.apache.flink.annotation.Internal;

/**
 * One image of a run, before anything of it was read.
 *
 * @param id name of the image in captions and dead letters
 * @param image where it lies: a path or a URI
 * @param prompt what to ask about it, {@code null} for the job's own prompt
 * @param rejection why a row of a manifest names no image, {@code null} for a good one
 */
@Internal
public record ImageReference(String id, String image, String prompt, Rejection rejection) {

  static ImageReference of(String id, String image) {
    return new ImageReference(id, image, null, null);
  }
}
