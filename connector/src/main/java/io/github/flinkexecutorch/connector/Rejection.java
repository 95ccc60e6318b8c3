package io.github.flinkexecutorch.connector;

/**
 * Why a source record could not become a prompt. Travels inside the request, so that a bad record
 * takes the same path as a good one and is never lost.
 *
 * @param kind what is wrong
 * @param message what was tried, on what, and what to change; never a part of the value
 * @param exceptionClass class of the exception that told so, {@code null} if there was none
 */
public record Rejection(FailureKind kind, String message, String exceptionClass) {}
