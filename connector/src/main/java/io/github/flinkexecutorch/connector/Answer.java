package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;

/**
 * What a model says to one request.
 *
 * @param result what was generated, for this request or for an equal one
 * @param model which model it was
 * @param cached whether it was generated for an equal one
 */
record Answer(GenerationResult result, ModelVersion model, boolean cached) {}
