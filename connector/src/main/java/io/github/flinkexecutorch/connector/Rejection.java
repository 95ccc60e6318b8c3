package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/**
 * Why a source record has no prompt that could be completed. Travels inside the request, so that a
 * bad record takes the same path as a good one and is never lost.
 *
 * @param kind what is wrong
 * @param stage where it was found
 * @param message what was tried, on what, and what to change; never a part of the value
 * @param exceptionClass class of the exception that told so, {@code null} if there was none
 */
@PublicEvolving
public record Rejection(
    FailureKind kind, FailureStage stage, String message, String exceptionClass) {}
