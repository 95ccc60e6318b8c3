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
 * @param modelDigest SHA-256 of the model's files, in hexadecimal
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
    String modelDigest) {

  /** Id and length only: completions are user data as prompts are. */
  @Override
  public String toString() {
    return "Completion[" + id + ", " + text.length() + " characters, " + finishReason + "]";
  }
}
