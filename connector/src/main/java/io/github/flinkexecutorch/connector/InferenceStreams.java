package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * What comes out of {@link LlmInference}. Under {@link FailurePolicy#DEAD_LETTER} each request
 * leaves as one completion or one failure, never both, never neither.
 *
 * @param completions one for each request that worked
 * @param stats one for each completion
 * @param failures dead letters; empty under the other policies
 */
@PublicEvolving
public record InferenceStreams(
    DataStream<Completion> completions,
    DataStream<StatsReport> stats,
    DataStream<Failure> failures) {}
