package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.connector.Failure;
import org.apache.flink.annotation.PublicEvolving;

/**
 * An image without a caption. As JSON it is the object of these fields.
 *
 * @param id as in {@link CaptionRecord}
 * @param image where it lies, {@code null} where the manifest does not say
 * @param kind name of a {@link io.github.flinkexecutorch.connector.FailureKind}
 * @param message what was tried, which limit, what to change
 * @param stage name of a {@link io.github.flinkexecutorch.connector.FailureStage}
 */
@PublicEvolving
public record DeadLetter(String id, String image, String kind, String message, String stage) {

  static DeadLetter of(Failure failure) {
    return new DeadLetter(
        failure.id(),
        ImageNote.in(failure.origin().key()).image(),
        failure.kind().name(),
        failure.message(),
        failure.stage().name());
  }
}
