package io.github.flinkexecutorch.jobs.captioning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.StatsReport;
import io.github.flinkexecutorch.jobs.ResultJson;
import org.apache.flink.annotation.PublicEvolving;

/**
 * An image and its caption. All but the two times depends on the image, the model and the options
 * only. As JSON it is the object of these fields, named like {@code finish_reason}, without a
 * thumbnail if there is none.
 *
 * @param id path of the image below the folder, or what its manifest calls it
 * @param image where it lies
 * @param caption what the model wrote
 * @param finishReason why it ended: stop, length or cancelled
 * @param promptTokens tokens of the prompt, the image's among them
 * @param generatedTokens tokens of the caption
 * @param modelDigest SHA-256 of the model's files, in hexadecimal
 * @param queueMs milliseconds of waiting for a place in the engine
 * @param inferenceMs milliseconds of the run, without the queue
 * @param width pixels of the image, turned upright
 * @param height pixels of the image, turned upright
 * @param thumbnail the image as a small JPEG, {@code null} where none is wanted
 */
@PublicEvolving
@JsonNaming(SnakeCaseStrategy.class)
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record CaptionRecord(
    String id,
    String image,
    String caption,
    String finishReason,
    int promptTokens,
    int generatedTokens,
    String modelDigest,
    long queueMs,
    long inferenceMs,
    int width,
    int height,
    @JsonInclude(JsonInclude.Include.NON_NULL) byte[] thumbnail) {

  static CaptionRecord of(Completion completion, StatsReport stats) {
    ImageNote note = ImageNote.in(completion.key());
    return new CaptionRecord(
        completion.id(),
        note.image(),
        completion.text(),
        ResultJson.finishReason(completion),
        completion.promptTokens(),
        completion.generatedTokens(),
        completion.modelDigest(),
        stats.queueMs(),
        stats.inferenceMs(),
        note.width(),
        note.height(),
        note.thumbnail());
  }

  /** Id and length only: captions are user data. */
  @Override
  public String toString() {
    return "CaptionRecord[" + id + ", " + caption.length() + " characters]";
  }
}
