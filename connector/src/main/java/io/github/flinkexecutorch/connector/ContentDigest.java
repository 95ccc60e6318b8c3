package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.runtime.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/** A SHA-256 of several contents, of which no two run into the same bytes. */
final class ContentDigest {
  private static final int BYTES = 16;

  private final MessageDigest sha = Sha256.digest();

  ContentDigest add(String content) {
    return add(content.getBytes(UTF_8));
  }

  /** Adds a content, with its length before it. */
  ContentDigest add(byte[] content) {
    sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(content.length).array());
    sha.update(content);
    return this;
  }

  /** All 64 characters of it; nothing can be added after that. */
  String wholeHex() {
    return HexFormat.of().formatHex(sha.digest());
  }

  /** Its first 32 characters; likewise. */
  String hex() {
    return HexFormat.of().formatHex(sha.digest(), 0, BYTES);
  }
}
