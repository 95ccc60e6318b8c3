package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/**
 * One header of a source record. Keys may repeat.
 *
 * @param key name of the header
 * @param value raw bytes, {@code null} where the source had none
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record RecordHeader(String key, byte[] value) {}
