package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** URLs of a real server of this machine, which is allowed for once. */
class UrlReaderTest {
  private static final byte[] IMAGE = {1, 2, 3, -4};
  private static final int MAX_BYTES = 1000;

  private final AtomicInteger requests = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ReadingLimits limits = new ReadingLimits(MAX_BYTES, Duration.ofMillis(700));
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

  @ParameterizedTest
  @ValueSource(strings = {"/endless", "/large", "/large-chunks"})
  void shouldStopAtTheLimitOfBytes(String path) {
    assertThat(failure(path).kind()).isEqualTo(FailureKind.IMAGE_TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/silent", "/slow"})
  void shouldStopAtTheLimitOfTime(String path) {
    assertThat(failure(path).kind()).isEqualTo(FailureKind.FETCH_TIMEOUT);
  }

  @Test
  void shouldAskNoHostWithoutAPublicAddress() {
    UrlReader careful = new UrlReader(List.of(), PublicAddresses::contains);

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
            new UrlReader(List.of("localhost"), InetAddress::isLoopbackAddress)
                .read(
                    URI.create(url("/image").toString().replace("127.0.0.1", "LOCALHOST")), limits))
        .isEqualTo(IMAGE);
    UrlReader other = new UrlReader(List.of("example.org", ".localhost"), address -> true);
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
        pause();
        pause();
        pause();
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
    return new UrlReader(List.of(), InetAddress::isLoopbackAddress);
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }
}
