package io.github.flinkexecutorch.connector;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.InMemoryDnsResolver;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.BasicHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.config.RegistryBuilder;

/**
 * Reads http and https URLs of hosts that may be asked. It connects to the very address that it has
 * checked. Each redirect is checked like the first URL. Uses no proxy, knows no cookies and no
 * passwords, and asks once.
 */
final class UrlReader {
  private static final int MOST_REDIRECTS = 3;
  private static final List<Integer> REDIRECTS = List.of(301, 302, 303, 307, 308);

  private final List<String> hosts;
  private final Predicate<InetAddress> allowed;
  private final Lookup<TlsSocketStrategy> tls;

  /**
   * @param hosts in lower case, {@code .example.org} for all below it; empty for every host
   * @param allowed addresses that may be connected to
   * @param tls knows the certificates that are trusted
   */
  UrlReader(List<String> hosts, Predicate<InetAddress> allowed, SSLContext tls) {
    this.hosts = hosts;
    this.allowed = allowed;
    this.tls =
        RegistryBuilder.<TlsSocketStrategy>create()
            .register(URIScheme.HTTPS.id, new DefaultClientTlsStrategy(tls))
            .build();
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
            HttpHost host = new HttpHost(at.getScheme(), address, at.getHost(), at.getPort());
            try (Socket socket = stop.on(new Socket(Proxy.NO_PROXY))) {
              ClassicHttpResponse response = over(socket).executeOpen(host, request(at), null);
              if (response.getCode() == HttpStatus.SC_OK) {
                return body(response.getEntity(), limits);
              }
              Header location = response.getFirstHeader(HttpHeaders.LOCATION);
              if (!REDIRECTS.contains(response.getCode()) || location == null) {
                throw ReadingLimits.failed(
                    "its host answers with status " + response.getCode(), null);
              }
              at = at.resolve(location.getValue());
            }
          }
          throw ReadingLimits.failed(
              "its host redirects more than %d times".formatted(MOST_REDIRECTS), null);
        });
  }

  /** The address to connect to, once everything about the URL is allowed. */
  private InetAddress check(URI url) throws RejectedRecordException {
    boolean http = URIScheme.HTTP.same(url.getScheme()) || URIScheme.HTTPS.same(url.getScheme());
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

  /**
   * A client for one request. It can look up no host, so it connects where it is told to. All that
   * it holds is the socket: closing that ends the request in whatever state it is, while the
   * client's own {@code close} would wait for it to be connected.
   */
  private HttpClient over(Socket socket) {
    return HttpClients.createMinimal(
        new BasicHttpClientConnectionManager(
            new DefaultHttpClientConnectionOperator(
                proxy -> socket, null, new InMemoryDnsResolver(), tls),
            null));
  }

  private static HttpGet request(URI url) {
    HttpGet request = new HttpGet(URI.create(url.toASCIIString()));
    request.setHeader(HttpHeaders.ACCEPT, "image/*");
    request.setHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
    request.setHeader(HttpHeaders.USER_AGENT, "flink-executorch");
    request.setHeader(HttpHeaders.CONNECTION, "close");
    return request;
  }

  private static byte[] body(HttpEntity entity, ReadingLimits limits)
      throws IOException, RejectedRecordException {
    String coding = entity.getContentEncoding();
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      throw ReadingLimits.failed("its host sends a compressed body, which was not asked for", null);
    }
    limits.requireBytes(entity.getContentLength()); // negative: not declared
    return limits.readAll(entity.getContent());
  }

  private static RejectedRecordException forbidden(String why) {
    return new RejectedRecordException(FailureKind.FORBIDDEN_REFERENCE, why + ".");
  }
}
