package io.github.flinkexecutorch.connector;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Reads http and https URLs of hosts that may be asked. It connects to the very address that it has
 * checked, which the JDK's clients do not promise: they look the host up again. Each redirect is
 * checked like the first URL. Uses no proxy.
 */
final class UrlReader {
  private static final int MOST_REDIRECTS = 3;
  private static final int OK = 200;
  private static final List<Integer> REDIRECTS = List.of(301, 302, 303, 307, 308);

  private final List<String> hosts;
  private final Predicate<InetAddress> allowed;

  /**
   * @param hosts in lower case, {@code .example.org} for all below it; empty for every host
   * @param allowed addresses that may be connected to
   */
  UrlReader(List<String> hosts, Predicate<InetAddress> allowed) {
    this.hosts = hosts;
    this.allowed = allowed;
  }

  /**
   * The body that the URL leads to.
   *
   * @throws RejectedRecordException {@link FailureKind#FORBIDDEN_REFERENCE}, before anything is
   *     sent, and as {@link ReadingLimits#within}
   */
  byte[] read(URI url, ReadingLimits limits) throws RejectedRecordException {
    return limits.within(
        stop -> {
          URI at = url;
          for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            InetAddress address = check(at);
            try (Socket socket = stop.on(new Socket())) {
              InputStream in = new BufferedInputStream(request(at, address, socket));
              HttpResponse response = HttpResponse.read(in);
              if (response.status() == OK) {
                return response.body(in, limits);
              }
              if (!REDIRECTS.contains(response.status()) || response.location() == null) {
                throw ReadingLimits.failed(
                    "its host answers with status " + response.status(), null);
              }
              at = at.resolve(response.location());
            }
          }
          throw ReadingLimits.failed(
              "its host redirects more than %d times".formatted(MOST_REDIRECTS), null);
        });
  }

  /** The address to connect to, once everything about the URL is allowed. */
  private InetAddress check(URI url) throws RejectedRecordException {
    boolean http = "http".equalsIgnoreCase(url.getScheme()) || isHttps(url);
    if (!http || url.getHost() == null || url.getRawUserInfo() != null) {
      throw forbidden("A URL must be of the form http(s)://host/path, without a user");
    }
    String host = url.getHost().toLowerCase(Locale.ROOT);
    if (!hosts.isEmpty() && hosts.stream().noneMatch(known -> matches(host, known))) {
      throw forbidden("The host is not one of " + ExecuTorchOptions.IMAGE_URL_HOSTS.key());
    }
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw ReadingLimits.failed("its host is not known", e);
    }
    for (InetAddress address : addresses) {
      if (!allowed.test(address)) {
        throw forbidden("The host has an address that is not public");
      }
    }
    return addresses[0];
  }

  private static boolean matches(String host, String known) {
    return known.startsWith(".") ? host.endsWith(known) : host.equals(known);
  }

  private static InputStream request(URI url, InetAddress address, Socket socket)
      throws IOException {
    int port = url.getPort() >= 0 ? url.getPort() : isHttps(url) ? 443 : 80;
    socket.connect(new InetSocketAddress(address, port));
    Socket talking = isHttps(url) ? secured(socket, url.getHost(), port) : socket;
    talking.getOutputStream().write(HttpResponse.request(url));
    talking.getOutputStream().flush();
    return talking.getInputStream();
  }

  /** Closing the plain socket ends this one too. */
  private static Socket secured(Socket socket, String host, int port) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    SSLSocket secured = (SSLSocket) factory.createSocket(socket, host, port, false);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the name in the certificate
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  private static boolean isHttps(URI url) {
    return "https".equalsIgnoreCase(url.getScheme());
  }

  private static RejectedRecordException forbidden(String why) {
    return new RejectedRecordException(FailureKind.FORBIDDEN_REFERENCE, why + ".");
  }
}
