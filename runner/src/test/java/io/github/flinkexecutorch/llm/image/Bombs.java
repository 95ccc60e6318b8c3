package io.github.flinkexecutorch.llm.image;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.params.provider.Arguments;

/** Small files that ask for much memory. */
public final class Bombs {
  private static final int SIDE = 40_000;
  private static final int SIGNATURE_AND_HEADER = 33;

  private Bombs() {}

  /** Files whose header claims an image beyond the limits. */
  static Stream<Arguments> all() throws IOException {
    return Stream.of(
        arguments("png", png()),
        arguments("jpg", with("444.jpg", bytes -> putJpegSize(bytes, SIDE))),
        arguments("gif", with("palette.gif", bytes -> bytes.putShort(6, (short) SIDE))),
        arguments("gif frame", with("palette.gif", Bombs::enlargeGifFrame)),
        arguments("bmp", with("rgb.bmp", bytes -> bytes.putInt(18, SIDE).putInt(22, SIDE))),
        arguments("tif", with("raw.tif", bytes -> putTiffSize(bytes, SIDE))),
        arguments("webp", with("animated.webp", bytes -> bytes.putInt(24, 0xffffff))),
        arguments("webp frame", with("lossless.webp", bytes -> bytes.putInt(21, 0x0fffffff))));
  }

  /** Small images beside which much is hidden. */
  static Stream<Arguments> hidden() throws IOException {
    byte[] text = new byte[64 << 20];
    return Stream.of(
        arguments("png text", pngWith("zTXt", text)),
        arguments("png profile", pngWith("iCCP", text)),
        arguments("tif pages", with("two-pages.tif", Bombs::enlargeSecondPage)));
  }

  /** The content of all of them. */
  public static List<byte[]> contents() throws IOException {
    return Stream.concat(all(), hidden()).map(bomb -> (byte[]) bomb.get()[1]).toList();
  }

  /** What this thread has allocated so far. */
  static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  /** 68 bytes. */
  private static byte[] png() {
    ByteBuffer png = ByteBuffer.allocate(68);
    png.putLong(0x89504e470d0a1a0aL);
    chunk(
        png, "IHDR", ByteBuffer.allocate(13).putInt(SIDE).putInt(SIDE).putInt(0x08000000).array());
    chunk(png, "IDAT", new byte[] {0x78, (byte) 0x9c, 0x03, 0, 0, 0, 0, 1, 0, 0, 0});
    return png.array();
  }

  private static byte[] pngWith(String type, byte[] hidden) throws IOException {
    byte[] png = Files.readAllBytes(ImageDecoderTest.IMAGES.resolve("palette.png"));
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(new byte[] {'x', 0, 0});
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(content)) {
      deflater.write(hidden);
    }
    ByteBuffer bomb = ByteBuffer.allocate(png.length + content.size() + 12);
    bomb.put(png, 0, SIGNATURE_AND_HEADER);
    chunk(bomb, type, content.toByteArray());
    return bomb.put(png, SIGNATURE_AND_HEADER, png.length - SIGNATURE_AND_HEADER).array();
  }

  private static void chunk(ByteBuffer png, String type, byte[] content) {
    CRC32 checksum = new CRC32();
    byte[] name = type.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    checksum.update(name);
    checksum.update(content);
    png.putInt(content.length).put(name).put(content).putInt((int) checksum.getValue());
  }

  private static void putJpegSize(ByteBuffer jpeg, int side) {
    int at = 2;
    while (jpeg.get(at + 1) != (byte) 0xc0) {
      at += 2 + (jpeg.order(ByteOrder.BIG_ENDIAN).getShort(at + 2) & 0xffff);
    }
    jpeg.putShort(at + 5, (short) side).putShort(at + 7, (short) side);
  }

  private static void enlargeGifFrame(ByteBuffer gif) {
    int at = 13 + (3 << ((gif.get(10) & 7) + 1));
    while (gif.get(at) != 0x2c) {
      at++;
    }
    gif.putShort(at + 5, (short) SIDE).putShort(at + 7, (short) SIDE);
  }

  private static void putTiffSize(ByteBuffer tiff, int side) {
    int directory = tiff.getInt(4);
    for (int entry = 0; entry < tiff.getShort(directory); entry++) {
      int at = directory + 2 + 12 * entry;
      if (List.of((short) 256, (short) 257).contains(tiff.getShort(at))) {
        tiff.putInt(at + 8, side);
      }
    }
  }

  /** The second directory claims two billion values. */
  private static void enlargeSecondPage(ByteBuffer tiff) {
    int first = tiff.getInt(4);
    int second = tiff.getInt(first + 2 + 12 * tiff.getShort(first));
    tiff.putInt(second + 2 + 4, Integer.MAX_VALUE);
  }

  private interface Change {
    void to(ByteBuffer bytes);
  }

  private static byte[] with(String name, Change change) throws IOException {
    byte[] bytes = Files.readAllBytes(ImageDecoderTest.IMAGES.resolve(name));
    change.to(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    return bytes;
  }
}
