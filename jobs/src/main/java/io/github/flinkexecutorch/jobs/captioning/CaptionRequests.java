package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.connector.InferenceRequest;
import io.github.flinkexecutorch.connector.RequestImage;

/** References become requests, and requests whose image was read say so. */
final class CaptionRequests {

  /**
   * The question about one image.
   *
   * @param prompt for a reference without its own
   */
  static InferenceRequest of(ImageReference reference, String prompt) {
    RequestImage[] images = null;
    if (reference.rejection() == null) {
      images = new RequestImage[] {RequestImage.ofReference(reference.image())};
    }
    boolean own = reference.prompt() != null;
    return new InferenceRequest(
        reference.id(),
        own ? reference.prompt() : prompt,
        images,
        null,
        ImageNote.of(reference.image()).toOrigin(),
        reference.rejection(),
        null,
        own ? new int[] {0, reference.prompt().length()} : new int[0],
        null);
  }

  /** The same request, with what its caption record shall say about the image. */
  static InferenceRequest noted(InferenceRequest request) {
    if (request.rejection() != null) {
      return request;
    }
    RequestImage image = request.images()[0];
    return new InferenceRequest(
        request.id(),
        request.prompt(),
        request.images(),
        request.overrides(),
        ImageNote.of(image).toOrigin(),
        null,
        null,
        request.fields(),
        null);
  }

  private CaptionRequests() {}
}
