package io.github.flinkexecutorch.llm.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The formats that are read, known by their first bytes. */
enum ImageFormat {
  PNG("\u0089PNG\r\n\u001a\n"),
  JPEG("\u00ff\u00d8\u00ff"),
  GIF("GIF8?a"),
  WEBP("RIFF????WEBP"),
  TIFF("II*\0", "MM\0*"),
  BMP("BM");

  private final String signature; // a question mark is any byte
  private final String otherSignature;

  ImageFormat(String signature) {
    this(signature, signature);
  }

  ImageFormat(String signature, String otherSignature) {
    this.signature = signature;
    this.otherSignature = otherSignature;
  }

  static Optional<ImageFormat> of(byte[] content) {
    return Arrays.stream(values())
        .filter(
            format ->
                startsWith(content, format.signature) || startsWith(content, format.otherSignature))
        .findFirst();
  }

  /**
   * Checks the header against the limits and takes out what a decoder needs.
   *
   * @param content the whole file, big-endian, not changed
   */
  ImageFile read(ByteBuffer content, ImageLimits limits) {
    return switch (this) {
      case PNG -> PngFile.read(content, limits);
      case JPEG -> JpegFile.read(content, limits);
      case GIF -> GifFile.read(content, limits);
      case WEBP -> WebpFile.read(content, limits);
      case TIFF -> TiffFile.read(content, limits);
      case BMP -> BmpFile.read(content, limits);
    };
  }

  private static boolean startsWith(byte[] content, String signature) {
    byte[] wanted = signature.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < wanted.length; i++) {
      if (i >= content.length || (wanted[i] != '?' && wanted[i] != content[i])) {
        return false;
      }
    }
    return true;
  }
}
