package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;

/**
 * An engine with its model, ready for requests.
 *
 * @param engine whoever holds this record closes it
 * @param modelDigest SHA-256 of the model's files, in hexadecimal
 * @param modelBytes size of the model's files
 */
record LoadedEngine(InferenceEngine engine, String modelDigest, long modelBytes) {}
