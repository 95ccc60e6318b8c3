package io.github.flinkexecutorch.jobs.captioning;

import static io.github.flinkexecutorch.connector.FailureKind.MISSING_FIELD;
import static io.github.flinkexecutorch.connector.FailureKind.TOO_LARGE;

import io.github.flinkexecutorch.connector.FailureKind;
import io.github.flinkexecutorch.connector.FailureStage;
import io.github.flinkexecutorch.connector.Rejection;
import io.github.flinkexecutorch.jobs.files.InputFiles;
import org.apache.flink.core.fs.Path;

/**
 * What a row of a manifest says.
 *
 * @param manifest the file
 * @param number of the row in it, from 1
 */
record ManifestRow(Path manifest, long number) {
  /** A path or a URI; a relative one is meant from the manifest's folder. */
  static final String IMAGE = "image";

  /** Name of the image in the results; the reference itself if missing. */
  static final String ID = "id";

  /** What to ask about this image; the job's prompt if missing. */
  static final String PROMPT = "prompt";

  /** Results carry both, and a message of Kafka has no room for more. */
  private static final int MOST_CHARACTERS = 8192;

  ImageReference reference(String id, String image, String prompt) {
    if (isTooLong(id) || isTooLong(image)) {
      String message = "%s and %s may have %d characters each.";
      return rejected(null, TOO_LARGE, message.formatted(ID, IMAGE, MOST_CHARACTERS), null);
    }
    if (image == null || image.isBlank()) {
      return rejected(id, MISSING_FIELD, "The row names no " + IMAGE + ".", null);
    }
    String reference =
        InputFiles.isAbsolute(image)
            ? image
            : InputFiles.join(manifest.getParent().toString(), image);
    return new ImageReference(id == null ? image : id, reference, prompt, null);
  }

  /** A row that names no image; without an id of its own it has the row's, which is unique. */
  ImageReference rejected(String id, FailureKind kind, String message, Exception cause) {
    return new ImageReference(
        id == null ? manifest.getName() + ":" + number : id,
        null,
        null,
        new Rejection(
            kind, FailureStage.PARSE, message, cause == null ? null : cause.getClass().getName()));
  }

  private static boolean isTooLong(String text) {
    return text != null && text.length() > MOST_CHARACTERS;
  }
}
