package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The head of an answer (RFC 9112) to a request that asks for one body and the end of the
 * connection.
 *
 * @param status the three digits
 * @param headers by names in lower case, the last one of a name
 */
record HttpResponse(int status, Map<String, String> headers) {
  private static final int LONGEST_LINE = 8 << 10;
  private static final int MOST_LINES = 100;

  /** What to send for a URL. */
  static byte[] request(URI url) {
    String ascii = url.toASCIIString();
    URI plain = URI.create(ascii);
    String path = plain.getRawPath().isEmpty() ? "/" : plain.getRawPath();
    String query = plain.getRawQuery() == null ? "" : "?" + plain.getRawQuery();
    String host = plain.getHost() + (plain.getPort() < 0 ? "" : ":" + plain.getPort());
    return String.join(
            "\r\n",
            "GET " + path + query + " HTTP/1.1",
            "Host: " + host,
            "Accept: image/*",
            "Accept-Encoding: identity",
            "User-Agent: flink-executorch",
            "Connection: close",
            "",
            "")
        .getBytes(US_ASCII);
  }

  /** Reads up to the end of the head. */
  static HttpResponse read(InputStream in) throws IOException {
    String[] line = line(in).split(" ", 3);
    if (!line[0].startsWith("HTTP/1.") || line.length < 2 || !line[1].matches("[1-5]\\d\\d")) {
      throw new IOException("No HTTP");
    }
    Map<String, String> headers = new HashMap<>();
    for (int lines = 0; lines < MOST_LINES; lines++) {
      String header = line(in);
      if (header.isEmpty()) {
        return new HttpResponse(Integer.parseInt(line[1]), headers);
      }
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw new IOException("No header");
      }
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    throw new IOException("Too many headers");
  }

  /** Where else to look, {@code null} if it does not say. */
  String location() {
    return headers.get("location");
  }

  byte[] body(InputStream in, ReadingLimits limits) throws IOException, RejectedRecordException {
    if (!headers.getOrDefault("content-encoding", "identity").equalsIgnoreCase("identity")) {
      throw ReadingLimits.failed("its host sends a compressed body, which was not asked for", null);
    }
    String coding = headers.get("transfer-encoding");
    if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked")) {
        throw ReadingLimits.failed("its host sends a transfer coding that is not known", null);
      }
      return chunks(in, limits);
    }
    String length = headers.get("content-length");
    if (length == null) {
      return limits.readAll(in);
    }
    long bytes = number(length, 10);
    limits.requireBytes(bytes);
    return exactly(in, (int) bytes);
  }

  private static byte[] chunks(InputStream in, ReadingLimits limits)
      throws IOException, RejectedRecordException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String size = line(in);
      int extension = size.indexOf(';');
      long bytes = number((extension < 0 ? size : size.substring(0, extension)).strip(), 16);
      if (bytes == 0) {
        return body.toByteArray();
      }
      limits.requireBytes(body.size() + bytes);
      body.write(exactly(in, (int) bytes));
      if (!line(in).isEmpty()) {
        throw new IOException("No end of a chunk");
      }
    }
  }

  /** The bytes are read before they are counted on: a length alone makes nobody allocate. */
  private static byte[] exactly(InputStream in, int bytes) throws IOException {
    byte[] content = in.readNBytes(bytes);
    if (content.length < bytes) {
      throw new EOFException("The body ends early");
    }
    return content;
  }

  private static long number(String digits, int radix) throws IOException {
    try {
      long number = Long.parseLong(digits, radix);
      if (number < 0 || number > Integer.MAX_VALUE) {
        return Integer.MAX_VALUE; // beyond any limit
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IOException("No number", e);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 || line.size() == LONGEST_LINE) {
        throw new IOException("No end of a line");
      }
      line.write(next);
    }
    String text = line.toString(ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }
}
