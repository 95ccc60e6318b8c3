package io.github.flinkexecutorch.jobs.gallery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.jobs.gallery.RunFigures.Progress;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Records as a captioning job writes them, with thumbnails drawn here; every 50th image failed. */
final class DrawnRun {
  static final String DIGEST = "3f5a9c0d7e1b2468ace013579bdf02468ace13579bdf02468ace013579bdf024";
  static final List<String> KINDS = List.of("IMAGE_DECODE", "IMAGE_TOO_LARGE", "FETCH_FAILED");
  private static final List<String> COLORS = List.of("red", "blue", "yellow", "white", "purple");
  private static final List<Color> PAINTS =
      List.of(
          new Color(0xc0392b),
          new Color(0x2f6fb5),
          new Color(0xe2b93b),
          new Color(0xf4f1ea),
          new Color(0x7d4c9e));
  private static final List<String> WEATHER = List.of("clear", "cloudy", "rainy");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int images;

  DrawnRun(int images) {
    this.images = images;
  }

  Stream<String> captions() {
    return IntStream.range(0, images).filter(i -> !failed(i)).mapToObj(DrawnRun::caption);
  }

  Stream<String> failures() {
    return IntStream.range(0, images).filter(DrawnRun::failed).mapToObj(DrawnRun::failure);
  }

  RunFigures figures() {
    List<Progress> progress = new ArrayList<>();
    double done = 0;
    for (int i = 1; i <= 120; i++) {
      done += i < 8 ? 0.3 : 1 + 0.15 * Math.sin(i * 0.9) + 0.08 * Math.sin(i * 2.3);
      progress.add(new Progress(i * 7.5, (long) (images * done / 115)));
    }
    Map<String, String> options = new LinkedHashMap<>();
    options.put("Source", "archive/2026");
    options.put("executorch.model", "sample-data/scenes/model-batched.pte");
    options.put("executorch.engine.max-sequences", "32");
    options.put("executorch.image.parallelism", "2");
    return new RunFigures(
        "archive/2026", 900, images / 900.0, 23 * images / 900.0, options, progress);
  }

  static String id(int i) {
    return String.format(Locale.ROOT, "2026/%02d/scene-%05d.jpg", i % 12 + 1, i);
  }

  static boolean failed(int i) {
    return i % 50 == 49;
  }

  private static String caption(int i) {
    boolean tree = i % 3 > 0;
    String text =
        String.format(
            "A %s house %s a %s tree on a %s %s.",
            COLORS.get(i % COLORS.size()),
            tree ? "left of" : "right of",
            i % 2 == 0 ? "large" : "small",
            WEATHER.get(i % WEATHER.size()),
            i % 7 == 0 ? "night" : "day");
    ObjectNode record =
        JSON.createObjectNode()
            .put("id", id(i))
            .put("image", "archive/" + id(i))
            .put("caption", text)
            .put("finish_reason", i % 40 == 7 ? "length" : "stop")
            .put("prompt_tokens", 72)
            .put("generated_tokens", 14 + i % 19)
            .put("model_digest", DIGEST)
            .put("queue_ms", i * 13 % 900)
            .put("inference_ms", 150 + i * 37 % 700)
            .put("width", 640 + i % 5 * 160)
            .put("height", 480 + i % 3 * 120);
    return text(record.put("thumbnail", thumbnail(i)));
  }

  private static String failure(int i) {
    int kind = i / 50 % KINDS.size();
    String message =
        List.of(
                "The JPEG ends after 1734 of its 20481 bytes",
                "40000 x 40000 pixels are more than executorch.image.max-pixels, 100000000",
                "No such file: archive/" + id(i))
            .get(kind);
    return text(
        JSON.createObjectNode()
            .put("id", id(i))
            .put("image", "archive/" + id(i))
            .put("kind", KINDS.get(kind))
            .put("message", message)
            .put("stage", "image"));
  }

  static String text(ObjectNode record) {
    try {
      return JSON.writeValueAsString(record);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A house and a tree below the sky, as the caption says. */
  static String thumbnail(int i) {
    boolean night = i % 7 == 0;
    BufferedImage image = new BufferedImage(160, 120, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    Color high = night ? new Color(0x0b1838) : new Color(0x5aa5e8);
    Color low = night ? new Color(0x35406b) : new Color(0xdcefff);
    graphics.setPaint(new GradientPaint(0, 0, high, 0, 90, low));
    graphics.fillRect(0, 0, 160, 120);
    graphics.setPaint(night ? new Color(0x24472f) : new Color(0x6fae4e));
    graphics.fillRect(0, 84, 160, 36);
    graphics.setPaint(night ? new Color(0xf3f0d8) : new Color(0xffd95a));
    graphics.fillOval(20 + i * 29 % 110, 8, 18, 18);
    boolean left = i % 3 > 0;
    int house = (left ? 18 : 92) + i % 6;
    graphics.setPaint(PAINTS.get(i % PAINTS.size()));
    graphics.fillRect(house, 62, 44, 34);
    graphics.setPaint(new Color(0x6b3f2a));
    graphics.fill(
        new Polygon(new int[] {house - 6, house + 22, house + 50}, new int[] {62, 38, 62}, 3));
    graphics.setPaint(new Color(0xfff3c4));
    graphics.fillRect(house + 8, 70, 10, 10);
    graphics.fillRect(house + 27, 70, 10, 10);
    int tree = (left ? 98 : 20) + i % 9;
    int size = i % 2 == 0 ? 44 : 28;
    graphics.setPaint(new Color(0x5f4326));
    graphics.fillRect(tree + size / 2 - 3, 92 - size / 2, 6, size / 2 + 6);
    graphics.setPaint(new Color(0x2f7d3b));
    graphics.fillOval(tree, 78 - size, size, size);
    graphics.dispose();
    try {
      ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
      ImageIO.write(image, "jpeg", jpeg);
      return Base64.getEncoder().encodeToString(jpeg.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
