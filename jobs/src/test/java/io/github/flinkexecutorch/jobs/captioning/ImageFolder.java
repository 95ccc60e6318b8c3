package io.github.flinkexecutorch.jobs.captioning;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/**
 * A folder of images for tests, each drawn from its number, and among them whatever else is found
 * in folders of images.
 */
record ImageFolder(Path path) {
  /** Images of every format and kind that is read, in the tests of the decoder. */
  private static final Path SAMPLES = Path.of("../runner/src/test/resources/images");

  static ImageFolder at(Path path) throws IOException {
    return new ImageFolder(Files.createDirectories(path));
  }

  /** Draws images 0 to {@code count - 1}; the formats and sizes differ. Returns their names. */
  List<String> draw(int count) throws IOException {
    List<String> names = IntStream.range(0, count).mapToObj(ImageFolder::name).toList();
    for (int i = 0; i < count; i++) {
      draw(names.get(i), i);
    }
    return names;
  }

  /** Copies all files below another folder; returns their names. */
  List<String> copyAll(Path from) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(from)) {
      files = found.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      write(from.relativize(file).toString(), Files.readAllBytes(file));
    }
    return files.stream().map(file -> from.relativize(file).toString()).toList();
  }

  /** Name of a drawn image below the folder. */
  static String name(int number) {
    return "%03d/%05d.%s".formatted(number / 100, number, number % 3 == 0 ? "png" : "jpg");
  }

  void draw(String name, int number) throws IOException {
    write(name, drawn(number, name.endsWith("png") ? "png" : "jpg"));
  }

  /** Adds images that are odd, but that have a caption all the same; returns their names. */
  String[] addOdd() throws IOException {
    copy("cmyk.jpg", "odd/cmyk.jpg");
    copy("rgb-16bit.png", "odd/16 bit.png");
    copy("turned-6.jpg", "odd/turned.jpg");
    copy("animated.gif", "odd/animated.gif");
    copy("animated.webp", "odd/animated.webp");
    copy("two-pages.tif", "odd/two-pages.tif");
    write("odd/a jpeg named.png", drawn(7, "jpg"));
    write("odd/10:20 100% größe #1.jpg", drawn(8, "jpg"));
    Files.createSymbolicLink(path.resolve("odd/link.jpg"), path.resolve("odd/cmyk.jpg"));
    return new String[] {
      "odd/cmyk.jpg",
      "odd/16 bit.png",
      "odd/turned.jpg",
      "odd/animated.gif",
      "odd/animated.webp",
      "odd/two-pages.tif",
      "odd/a jpeg named.png",
      "odd/10:20 100% größe #1.jpg",
      "odd/link.jpg"
    };
  }

  /**
   * Adds what cannot be captioned.
   *
   * @param outside a folder that links may not lead to
   * @return the kind of failure by name
   */
  Map<String, String> addBad(Path outside) throws IOException {
    Map<String, String> bad = new LinkedHashMap<>();
    byte[] jpeg = drawn(1, "jpg");
    write("bad/truncated.jpg", Arrays.copyOf(jpeg, jpeg.length / 2));
    bad.put("bad/truncated.jpg", "IMAGE_DECODE");
    write("bad/empty.png", new byte[0]);
    bad.put("bad/empty.png", "IMAGE_DECODE");
    write("bad/zeros.jpg", new byte[4096]);
    bad.put("bad/zeros.jpg", "IMAGE_DECODE");
    write("bad/text.png", "This is no image.".getBytes(UTF_8));
    bad.put("bad/text.png", "IMAGE_DECODE");
    write("bad/huge.png", pngHeader(40_000, 40_000));
    bad.put("bad/huge.png", "IMAGE_TOO_LARGE");
    Files.createDirectories(outside);
    Files.write(outside.resolve("secret.jpg"), jpeg);
    Files.createSymbolicLink(path.resolve("bad/out.jpg"), outside.resolve("secret.jpg"));
    bad.put("bad/out.jpg", "FORBIDDEN_REFERENCE");
    Files.createSymbolicLink(path.resolve("bad/nowhere.jpg"), path.resolve("bad/nothing.jpg"));
    bad.put("bad/nowhere.jpg", "FETCH_FAILED");
    return bad;
  }

  /** Adds what is no part of the input: hidden files, other files, links to folders. */
  ImageFolder addOther(Path outside) throws IOException {
    write(".hidden.jpg", drawn(2, "jpg"));
    write(".thumbnails/00000.jpg", drawn(3, "jpg"));
    write("notes.txt", "Not an image.".getBytes(UTF_8));
    Files.createSymbolicLink(path.resolve("circle"), path);
    Files.createDirectories(outside);
    Files.createSymbolicLink(path.resolve("elsewhere"), outside);
    return this;
  }

  private void copy(String sample, String name) throws IOException {
    write(name, Files.readAllBytes(SAMPLES.resolve(sample)));
  }

  private void write(String name, byte[] content) throws IOException {
    Path file = path.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private static byte[] drawn(int number, String format) throws IOException {
    Random random = new Random(number);
    int width = 40 + random.nextInt(60);
    int height = 40 + random.nextInt(60);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    for (int shape = 0; shape < 5; shape++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillRect(
          random.nextInt(width), random.nextInt(height), width / 2, random.nextInt(height));
    }
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, format, out);
    return out.toByteArray();
  }

  private static byte[] pngHeader(int width, int height) {
    ByteBuffer header = ByteBuffer.allocate(13);
    header.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
    ByteBuffer png = ByteBuffer.allocate(68);
    png.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    chunk(png, "IHDR", header.array());
    chunk(png, "IDAT", new byte[] {0x78, (byte) 0x9c, 0x03, 0, 0, 0, 0, 1});
    chunk(png, "IEND", new byte[0]);
    return Arrays.copyOf(png.array(), png.position());
  }

  private static void chunk(ByteBuffer png, String type, byte[] data) {
    CRC32 crc = new CRC32();
    crc.update(type.getBytes(UTF_8));
    crc.update(data);
    png.putInt(data.length).put(type.getBytes(UTF_8)).put(data).putInt((int) crc.getValue());
  }
}
