package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Where the files of a model are that may have several versions.
 *
 * @param versionFile holds the name of the version to serve; {@code null} for a model that has but
 *     one
 */
record ModelPaths(String versionFile) implements Serializable {
  /** Stands for the version in the paths that options name. */
  static final String VERSION = "{version}";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  static ModelPaths from(ReadableConfig options) {
    return new ModelPaths(options.get(ExecuTorchOptions.MODEL_VERSION_FILE));
  }

  /**
   * The version that is to be served now, {@code null} for a model that has but one.
   *
   * @throws InvalidModelException if it cannot be told
   */
  String version() {
    if (versionFile == null) {
      return null;
    }
    String version;
    try {
      version = Files.readString(Path.of(versionFile)).strip();
    } catch (IOException e) {
      throw new InvalidModelException("Version file " + versionFile + " cannot be read: " + e, e);
    }
    if (!NAME.matcher(version).matches()) {
      throw new InvalidModelException(
          ("Version file %s must hold one name of letters, digits, '.', '_' and '-' that begins with"
                  + " a letter or a digit; it has %d characters.")
              .formatted(versionFile, version.length()));
    }
    return version;
  }

  /** The path that an option names, for a version. */
  static Path of(String option, String version) {
    return Path.of(version == null ? option : option.replace(VERSION, version));
  }

  /**
   * The path that an option names, for the version that is to be served now.
   *
   * @throws InvalidModelException if that cannot be told
   */
  Path now(String option) {
    return of(option, option.contains(VERSION) ? version() : null);
  }
}
