package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The native libraries of one platform as its jar holds them.
 *
 * @param folder resource folder of the libraries
 * @param index the packed list of them
 * @param files the same list, parsed
 */
record NativeFiles(String folder, String index, List<Entry> files) {
  static final String INDEX = "index.tsv";

  /** One library. */
  record Entry(String sha256, long bytes, String name) {}

  /**
   * The natives on the class path.
   *
   * @throws ExecuTorchException naming the jar to add if there are none
   */
  static NativeFiles of(String platform) throws IOException {
    URL url = NativeFiles.class.getResource(platform + "/" + INDEX);
    if (url == null) {
      throw new ExecuTorchException(
          ErrorCode.NOT_SUPPORTED,
          "The ExecuTorch natives of "
              + platform
              + " are not on the class path. Add the jar executorch-runtime with the classifier "
              + platform
              + " beside executorch-runtime.");
    }
    try (InputStream in = open(url)) {
      String index = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new NativeFiles(platform, index, index.lines().map(NativeFiles::parse).toList());
    }
  }

  /** Names this very set of libraries: two builds that differ in one byte differ here. */
  String contentHash() {
    return Sha256.hex(index.getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes of one library, checked against the list. */
  byte[] read(Entry file) throws IOException {
    URL url = NativeFiles.class.getResource(folder + "/" + file.name());
    if (url == null) {
      throw new IOException("The natives jar lists " + file.name() + " but does not hold it");
    }
    try (InputStream in = open(url)) {
      byte[] bytes = in.readAllBytes();
      if (!Sha256.hex(bytes).equals(file.sha256())) {
        throw new IOException(
            file.name() + " in the natives jar differs from its entry in " + INDEX);
      }
      return bytes;
    }
  }

  // Without the JDK's cache of open jars: it would keep a job's jar open after the job.
  private static InputStream open(URL url) throws IOException {
    var connection = url.openConnection();
    connection.setUseCaches(false);
    return connection.getInputStream();
  }

  private static Entry parse(String line) {
    String[] columns = line.split("\t", -1);
    return new Entry(columns[0], Long.parseLong(columns[1]), columns[2]);
  }
}
