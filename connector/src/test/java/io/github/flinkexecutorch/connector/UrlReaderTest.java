package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.core5.ssl.SSLContexts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** URLs of a real server of this machine, which is allowed for once. */
class UrlReaderTest {
  private static final byte[] IMAGE = {1, 2, 3, -4};
  private static final int MAX_BYTES = 1000;
  private static final SSLContext TLS = SSLContexts.createSystemDefault();

  private final AtomicInteger requests = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ReadingLimits limits = new ReadingLimits(MAX_BYTES, Duration.ofMinutes(1));
  private final ReadingLimits shortLimits = new ReadingLimits(MAX_BYTES, Duration.ofMillis(700));
  private HttpServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
    threads.shutdownNow();
    limits.close();
    shortLimits.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/image", "/image?of=a%20cat&x", "/chunks", "/moved", "/moved-twice"})
  void shouldReadTheBody(String path) throws Exception {
    assertThat(read(path)).isEqualTo(IMAGE);
  }

  @Test
  void shouldReadABodyThatEndsWithTheConnection() throws Exception {
    assertThat(reader().read(rawServer("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nabc"), limits))
        .isEqualTo("abc".getBytes(US_ASCII));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/missing", "/broken", "/moved-for-ever", "/nowhere", "/compressed"})
  void shouldFailWhenTheHostHasNoImage(String path) {
    assertThat(failure(path).kind()).isEqualTo(FailureKind.FETCH_FAILED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-x\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc"
      })
  void shouldFailWhenTheAnswerIsBroken(String answer) throws Exception {
    URI url = rawServer(answer);
    assertThat(failure(() -> reader().read(url, limits)).kind())
        .isEqualTo(FailureKind.FETCH_FAILED);
  }

  @Test
  void shouldFailWhenTheHeadIsTooLarge() throws Exception {
    for (String head : List.of("X: " + "x".repeat(9000), "X: x\r\n".repeat(101))) {
      URI url = rawServer("HTTP/1.1 200 OK\r\n" + head + "\r\n\r\nabc");
      assertThat(failure(() -> reader().read(url, limits)).kind())
          .isEqualTo(FailureKind.FETCH_FAILED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/endless", "/large", "/large-chunks"})
  void shouldStopAtTheLimitOfBytes(String path) {
    assertThat(failure(path).kind()).isEqualTo(FailureKind.IMAGE_TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/silent", "/slow"})
  void shouldStopAtTheLimitOfTime(String path) {
    assertThat(failure(() -> reader().read(url(path), shortLimits)).kind())
        .isEqualTo(FailureKind.FETCH_TIMEOUT);
  }

  @Test
  void shouldStopAHandshakeAtTheLimitOfTime() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      URI url = URI.create("https://127.0.0.1:" + silent.getLocalPort() + "/");
      assertThat(failure(() -> reader().read(url, shortLimits)).kind())
          .isEqualTo(FailureKind.FETCH_TIMEOUT);
    }
  }

  @Test
  void shouldUseNoProxyOfTheSystem() throws Exception {
    try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      System.setProperty("socksProxyHost", "127.0.0.1");
      System.setProperty("socksProxyPort", Integer.toString(proxy.getLocalPort()));
      System.setProperty("socksNonProxyHosts", "");
      assertThat(read("/image")).isEqualTo(IMAGE);
    } finally {
      System.clearProperty("socksProxyHost");
      System.clearProperty("socksProxyPort");
      System.clearProperty("socksNonProxyHosts");
    }
  }

  @Test
  void shouldAskNoHostWithoutAPublicAddress() {
    UrlReader careful = reader(PublicAddresses::contains);

    assertThat(failure(() -> careful.read(url("/image"), limits)).kind())
        .isEqualTo(FailureKind.FORBIDDEN_REFERENCE);
    assertThat(requests).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/moved-inside", "/moved-to-file", "/moved-to-a-user"})
  void shouldCheckWhereARedirectLeads(String path) {
    // An address of this machine that the test does not allow.
    assertThat(failure(path).kind()).isEqualTo(FailureKind.FORBIDDEN_REFERENCE);
    assertThat(requests).hasValue(1);
  }

  @Test
  void shouldAskOnlyHostsOfTheList() throws Exception {
    assertThat(
            new UrlReader(List.of("localhost"), InetAddress::isLoopbackAddress, TLS)
                .read(
                    URI.create(url("/image").toString().replace("127.0.0.1", "LOCALHOST")), limits))
        .isEqualTo(IMAGE);
    UrlReader other = new UrlReader(List.of("example.org", ".localhost"), address -> true, TLS);
    assertThat(failure(() -> other.read(url("/image"), limits)).kind())
        .isEqualTo(FailureKind.FORBIDDEN_REFERENCE);
    assertThat(requests).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http:///x", "http://user:pass@127.0.0.1/x", "ftp://127.0.0.1/x", "http:x"})
  void shouldRefuseOtherUrls(String url) {
    assertThat(failure(() -> reader().read(URI.create(url), limits)).kind())
        .isEqualTo(FailureKind.FORBIDDEN_REFERENCE);
  }

  @Test
  void shouldReadFromAHostWhoseCertificateIsItsOwn(@TempDir Path folder) throws Exception {
    SSLContext trusting = certificateFor("localhost", folder);
    URI https = httpsServer(trusting);
    UrlReader reader = new UrlReader(List.of(), InetAddress::isLoopbackAddress, trusting);

    assertThat(reader.read(https, limits)).isEqualTo(IMAGE);
    URI unnamed = URI.create(https.toString().replace("localhost", "127.0.0.1"));
    assertThat(failure(() -> reader.read(unnamed, limits)).kind())
        .isEqualTo(FailureKind.FETCH_FAILED);
    UrlReader stranger =
        new UrlReader(List.of(), InetAddress::isLoopbackAddress, SSLContext.getDefault());
    assertThat(failure(() -> stranger.read(https, limits)).kind())
        .isEqualTo(FailureKind.FETCH_FAILED);
    assertThat(requests).hasValue(1);
  }

  private URI httpsServer(SSLContext context) throws IOException {
    server.stop(0);
    HttpsServer secured =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    secured.setHttpsConfigurator(new HttpsConfigurator(context));
    secured.setExecutor(threads);
    secured.createContext("/", this::answer);
    secured.start();
    server = secured;
    return URI.create("https://localhost:" + port() + "/image");
  }

  /** A context that shows and trusts a new certificate for one host. */
  private static SSLContext certificateFor(String host, Path folder) throws Exception {
    Path file = folder.resolve("keys.p12");
    char[] password = "changeit".toCharArray();
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + host,
                "-ext",
                "SAN=dns:" + host,
                "-alias",
                host,
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(password),
                "-keystore",
                file.toString())
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance(file.toFile(), password);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(host, keys.getCertificate(host));
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, password);
    TrustManagerFactory others =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    others.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), others.getTrustManagers(), null);
    return context;
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    OutputStream body = exchange.getResponseBody();
    switch (exchange.getRequestURI().getPath()) {
      case "/image" -> {
        assertThat(exchange.getRequestHeaders().getFirst("Host")).endsWith(":" + port());
        exchange.sendResponseHeaders(200, IMAGE.length);
        body.write(IMAGE);
      }
      case "/chunks" -> {
        exchange.sendResponseHeaders(200, 0);
        for (byte b : IMAGE) {
          body.write(b);
          body.flush();
        }
      }
      case "/moved" -> redirect(exchange, "image");
      case "/moved-twice" -> redirect(exchange, "http://127.0.0.1:" + port() + "/moved");
      case "/moved-for-ever" -> redirect(exchange, "/moved-for-ever");
      case "/moved-inside" -> redirect(exchange, "http://169.254.169.254/secret");
      case "/moved-to-file" -> redirect(exchange, "file:///etc/passwd");
      case "/moved-to-a-user" -> redirect(exchange, "http://a:b@127.0.0.1:" + port() + "/image");
      case "/nowhere" -> exchange.sendResponseHeaders(302, -1);
      case "/broken" -> exchange.sendResponseHeaders(500, -1);
      case "/compressed" -> {
        exchange.getResponseHeaders().add("Content-Encoding", "gzip");
        exchange.sendResponseHeaders(200, IMAGE.length);
        body.write(IMAGE);
      }
      case "/large" -> {
        exchange.sendResponseHeaders(200, 4_000_000_000L);
        body.write(IMAGE);
        body.flush();
        return; // and never the rest
      }
      case "/endless", "/large-chunks" -> {
        exchange.sendResponseHeaders(200, 0);
        while (true) {
          body.write(new byte[128]);
        }
      }
      case "/slow" -> {
        exchange.sendResponseHeaders(200, MAX_BYTES);
        while (true) {
          body.write(0);
          body.flush();
          pause();
        }
      }
      case "/silent" -> {
        while (true) {
          pause();
        }
      }
      default -> exchange.sendResponseHeaders(404, -1);
    }
    exchange.close();
  }

  private static void redirect(HttpExchange exchange, String location) throws IOException {
    exchange.getResponseHeaders().add("Location", location);
    exchange.sendResponseHeaders(302, -1);
  }

  private static void pause() {
    try {
      Thread.sleep(400);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A server that gives one answer, whatever it is asked. */
  @SuppressWarnings("FutureReturnValueIgnored") // the reader finds out
  private URI rawServer(String answer) throws IOException {
    ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    threads.submit(
        () -> {
          try (listening;
              Socket socket = listening.accept()) {
            socket.getOutputStream().write(answer.getBytes(US_ASCII));
            socket.getOutputStream().flush();
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
          }
          return null;
        });
    return URI.create("http://127.0.0.1:" + listening.getLocalPort() + "/");
  }

  private byte[] read(String path) throws RejectedRecordException {
    return reader().read(url(path), limits);
  }

  private RejectedRecordException failure(String path) {
    return failure(() -> read(path));
  }

  private static RejectedRecordException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable reading) {
    RejectedRecordException failure = catchThrowableOfType(RejectedRecordException.class, reading);
    assertThat(failure.getMessage()).doesNotContain("127.0.0.1");
    return failure;
  }

  private static UrlReader reader() {
    return reader(InetAddress::isLoopbackAddress);
  }

  private static UrlReader reader(Predicate<InetAddress> allowed) {
    return new UrlReader(List.of(), allowed, TLS);
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }
}
