package io.github.flinkexecutorch.connector;

/**
 * Which model answered.
 *
 * @param name of the version, {@code null} for a model that has but one
 * @param digest SHA-256 of the model's files, in hexadecimal
 */
record ModelVersion(String name, String digest) {}
