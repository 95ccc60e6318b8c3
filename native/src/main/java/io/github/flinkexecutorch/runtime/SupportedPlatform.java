package io.github.flinkexecutorch.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** One row of platforms.tsv: a platform that natives are made for. */
record SupportedPlatform(
    String name, String osName, List<String> osArchs, boolean tested, String librarySuffix) {

  /** Every row of the table. */
  static List<SupportedPlatform> all() {
    try (InputStream table = SupportedPlatform.class.getResourceAsStream("platforms.tsv")) {
      if (table == null) {
        throw new IllegalStateException("platforms.tsv is missing from the executorch-runtime jar");
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8));
      return lines
          .lines()
          .filter(line -> !line.startsWith("#") && !line.startsWith("platform\t"))
          .map(SupportedPlatform::parse)
          .collect(Collectors.toUnmodifiableList());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read platforms.tsv of the executorch-runtime jar", e);
    }
  }

  /**
   * The row of a JVM.
   *
   * @throws ExecuTorchException naming the supported platforms if there is none
   */
  static SupportedPlatform of(String osName, String osArch) {
    List<SupportedPlatform> tested = all().stream().filter(SupportedPlatform::tested).toList();
    return tested.stream()
        .filter(row -> row.osName.equals(osName) && row.osArchs.contains(osArch))
        .findFirst()
        .orElseThrow(
            () ->
                new ExecuTorchException(
                    ErrorCode.NOT_SUPPORTED,
                    "No ExecuTorch natives for "
                        + osName
                        + " on "
                        + osArch
                        + ". Supported: "
                        + tested.stream()
                            .map(SupportedPlatform::name)
                            .collect(Collectors.joining(", "))
                        + ". Run on one of these."));
  }

  private static SupportedPlatform parse(String line) {
    String[] columns = line.split("\t", -1);
    return new SupportedPlatform(
        columns[0],
        columns[1],
        List.of(columns[2].split(",", -1)),
        columns[3].equals("tested"),
        columns[8]);
  }
}
