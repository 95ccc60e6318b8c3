package io.github.flinkexecutorch.runtime;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a program is made of and what it needs that is not there; see {@link Program#inspect}.
 *
 * @param schemaVersion version of ExecuTorch's program schema in which the file is written
 * @param constantBytes constants of the program's own operators
 * @param delegateBytes what the program hands to its backends, often the weights
 * @param namedDataBytes constants that backends find by name in the program file
 * @param methods in file order
 * @param externalData names of the constants that the program file leaves out, in sorted order
 * @param missingData those of them that no data file holds
 */
public record ProgramInspection(
    int schemaVersion,
    long constantBytes,
    long delegateBytes,
    long namedDataBytes,
    List<MethodInspection> methods,
    Set<String> externalData,
    Set<String> missingData) {
  public ProgramInspection {
    methods = List.copyOf(methods);
    externalData = Collections.unmodifiableSet(new TreeSet<>(externalData));
    missingData = Collections.unmodifiableSet(new TreeSet<>(missingData));
  }
}
