package io.github.flinkexecutorch.connector;

import java.io.Closeable;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.hc.core5.ssl.SSLContexts;

/**
 * Reads what references name, where that is allowed: files below configured roots, and URLs.
 * Confined to a thread.
 */
final class ImageReferences implements Closeable {
  /** A Flink task that hangs for three minutes while it is cancelled costs its TaskManager. */
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(2);

  private static final Pattern URL = Pattern.compile("(?i)https?:.*", Pattern.DOTALL);

  private final ReadingLimits limits;
  private final List<ImageRoot> roots;
  private final UrlReader urls; // null: not allowed

  /**
   * @throws IllegalArgumentException if an option cannot work
   */
  ImageReferences(ReadableConfig options) {
    Duration timeout = options.get(ExecuTorchOptions.IMAGE_FETCH_TIMEOUT);
    if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "Option %s must be 1 ms to %s, because it holds up the cancelling of a task; got %s."
              .formatted(ExecuTorchOptions.IMAGE_FETCH_TIMEOUT.key(), LONGEST_TIMEOUT, timeout));
    }
    roots = options.get(ExecuTorchOptions.IMAGE_ROOTS).stream().map(ImageRoot::of).toList();
    limits = new ReadingLimits(options.get(ExecuTorchOptions.IMAGE_MAX_BYTES).getBytes(), timeout);
    boolean allowed = options.get(ExecuTorchOptions.IMAGE_URLS);
    List<String> hosts =
        options.get(ExecuTorchOptions.IMAGE_URL_HOSTS).stream()
            .map(host -> host.toLowerCase(Locale.ROOT))
            .toList();
    urls =
        allowed
            ? new UrlReader(hosts, PublicAddresses::contains, SSLContexts.createSystemDefault())
            : null;
  }

  /**
   * Checks that the roots of this machine are there.
   *
   * @throws IllegalArgumentException naming the root that is not
   */
  void check() {
    roots.forEach(ImageRoot::check);
  }

  /** The time limit for the references of a record counts from now on. */
  void startTime() {
    limits.startTime();
  }

  /**
   * The content of what the reference names.
   *
   * @throws RejectedRecordException {@link FailureKind#FORBIDDEN_REFERENCE}, before anything was
   *     opened; {@link FailureKind#FETCH_FAILED}, {@link FailureKind#FETCH_TIMEOUT} or {@link
   *     FailureKind#IMAGE_TOO_LARGE}
   */
  byte[] read(String reference) throws RejectedRecordException {
    if (URL.matcher(reference).matches()) {
      return readUrl(reference);
    }
    if (roots.isEmpty()) {
      throw forbidden(
          "References to files are off; name the folders that they may be in by "
              + ExecuTorchOptions.IMAGE_ROOTS.key());
    }
    if (List.of(reference.split("[/\\\\]", -1)).contains("..")) {
      throw forbidden("A reference must not have a segment '..'");
    }
    RejectedRecordException failure = null;
    for (ImageRoot root : roots) {
      try {
        byte[] content = root.read(reference, limits);
        if (content != null) {
          return content;
        }
      } catch (RejectedRecordException e) {
        if (e.kind() != FailureKind.FETCH_FAILED) {
          throw e;
        }
        failure = e; // a relative path may be below a later root
      }
    }
    throw failure == null ? forbidden("The reference is not below any of the roots") : failure;
  }

  @Override
  public void close() {
    limits.close();
  }

  private byte[] readUrl(String reference) throws RejectedRecordException {
    if (urls == null) {
      throw forbidden("URLs are off; " + ExecuTorchOptions.IMAGE_URLS.key() + " allows them");
    }
    try {
      return urls.read(new URI(reference), limits);
    } catch (URISyntaxException e) {
      throw new RejectedRecordException(
          FailureKind.FORBIDDEN_REFERENCE, "The reference is no valid URL.", null);
    }
  }

  private static RejectedRecordException forbidden(String why) {
    return new RejectedRecordException(FailureKind.FORBIDDEN_REFERENCE, why + ".");
  }
}
