package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/**
 * Times and counts of one generation. Times are milliseconds, and differ from run to run; all are 0
 * where the completion was generated for an equal request.
 *
 * @param id id of the request
 * @param key raw key of the source record, may be {@code null}
 * @param subtask index of the subtask that ran it
 * @param promptTokens tokens of the prompt
 * @param cachedPromptTokens how many of those were computed for an earlier prompt already
 * @param truncatedPromptTokens tokens that the whole prompt had more, before it was cut to fit
 * @param generatedTokens tokens generated
 * @param queueMs waiting for a place in the engine
 * @param timeToFirstTokenMs from the start of the run to the first token
 * @param prefillMs reading the prompt
 * @param decodeMs from the first token to the last
 * @param inferenceMs the whole run, without the queue
 * @param tokensPerSecond generated tokens per second of the decode phase, 0 where it was too short
 * @param modelDigest SHA-256 of the model's files, in hexadecimal
 * @param cached whether the completion was generated for an equal request, before or meanwhile
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record StatsReport(
    String id,
    byte[] key,
    int subtask,
    int promptTokens,
    int cachedPromptTokens,
    int truncatedPromptTokens,
    int generatedTokens,
    long queueMs,
    long timeToFirstTokenMs,
    long prefillMs,
    long decodeMs,
    long inferenceMs,
    double tokensPerSecond,
    String modelDigest,
    boolean cached) {

  /** Of a prompt that was not cut, and a completion that was generated for this request. */
  public StatsReport(
      String id,
      byte[] key,
      int subtask,
      int promptTokens,
      int cachedPromptTokens,
      int generatedTokens,
      long queueMs,
      long timeToFirstTokenMs,
      long prefillMs,
      long decodeMs,
      long inferenceMs,
      double tokensPerSecond,
      String modelDigest) {
    this(
        id,
        key,
        subtask,
        promptTokens,
        cachedPromptTokens,
        0,
        generatedTokens,
        queueMs,
        timeToFirstTokenMs,
        prefillMs,
        decodeMs,
        inferenceMs,
        tokensPerSecond,
        modelDigest,
        false);
  }
}
