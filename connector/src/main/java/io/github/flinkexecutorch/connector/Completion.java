package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.FinishReason;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What the model wrote for one request. Depends on the record, the model and the options only.
 *
 * @param id id of the request
 * @param key raw key of the source record, may be {@code null}
 * @param text the generated text without the prompt
 * @param finishReason why the generation ended
 * @param promptTokens tokens of the prompt
 * @param generatedTokens tokens generated
 * @param truncatedPromptTokens tokens that the whole prompt had more, before it was cut to fit; 0
 *     if it was not
 * @param modelDigest SHA-256 of the model's files, in hexadecimal
 * @param modelVersion name of the model's version, {@code null} where it has but one
 * @param headers raw headers of the source record in their order, never {@code null}
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record Completion(
    String id,
    byte[] key,
    String text,
    FinishReason finishReason,
    int promptTokens,
    int generatedTokens,
    int truncatedPromptTokens,
    String modelDigest,
    String modelVersion,
    RecordHeader[] headers) {

  private static final RecordHeader[] NO_HEADERS = {};

  public Completion {
    headers = headers == null ? NO_HEADERS : headers;
  }

  /** Of a prompt that was not cut, by a model that has but one version, without headers. */
  public Completion(
      String id,
      byte[] key,
      String text,
      FinishReason finishReason,
      int promptTokens,
      int generatedTokens,
      String modelDigest) {
    this(id, key, text, finishReason, promptTokens, generatedTokens, 0, modelDigest, null, null);
  }

  /** Id and length only: completions are user data as prompts are. */
  @Override
  public String toString() {
    return "Completion[" + id + ", " + text.length() + " characters, " + finishReason + "]";
  }
}
