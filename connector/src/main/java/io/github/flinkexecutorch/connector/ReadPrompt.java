package io.github.flinkexecutorch.connector;

/**
 * A prompt as it was made of a record.
 *
 * @param text the whole prompt
 * @param fields what of it are fields of the record, as in {@link InferenceRequest#fields}
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record ReadPrompt(String text, int[] fields) {}
