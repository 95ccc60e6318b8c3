package io.github.flinkexecutorch.llm.image;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.image.ImageFile.Encoding;
import io.github.flinkexecutorch.llm.image.ImageFile.Placement;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * Decodes PNG, JPEG, WebP, GIF, BMP and TIFF files, told apart by their content, never by a name.
 *
 * <p>The result has three channels, red, green and blue, of unsigned bytes. Of files with several
 * frames only the first is read. The image is turned as its Exif orientation says; transparency is
 * composited over a background; 16-bit samples are cut to their upper 8 bits; grey, palette and
 * CMYK colors are converted as Pillow does, color profiles are ignored.
 *
 * <p>Everything is decoded in Java but JPEG, for which the JDK calls its own library. Safe for use
 * by several threads.
 */
public final class ImageDecoder {
  /** The default background: what logos and diagrams with transparency are drawn for. */
  public static final int WHITE = 0xffffff;

  private static final Map<ImageFormat, ImageReaderSpi> READERS = readers();

  private final ImageLimits limits;
  private final int background;

  /** Decodes within {@link ImageLimits#DEFAULTS}, over white. */
  public ImageDecoder() {
    this(ImageLimits.DEFAULTS, WHITE);
  }

  /**
   * @param background what shows through transparent pixels, 0xRRGGBB
   */
  public ImageDecoder(ImageLimits limits, int background) {
    this.limits = limits;
    this.background = background;
  }

  /** Whether the content begins as a file of one of the formats. */
  public static boolean isImage(byte[] content) {
    return ImageFormat.of(content).isPresent();
  }

  /**
   * Decodes a file.
   *
   * @throws InvalidRequestException as {@link #decode(byte[])}, and if the file cannot be read
   */
  public Image decode(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      limits.requireBytes(Files.size(file)); // a pipe has size 0, so what is read counts as well
      byte[] content = in.readNBytes((int) Math.min(limits.maxBytes() + 1, Integer.MAX_VALUE - 8));
      return decode(content);
    } catch (IOException e) {
      throw new InvalidRequestException(
          Reason.IMAGE_DECODE, "Image " + file + " cannot be read: " + e, e);
    }
  }

  /**
   * Decodes the content of a file.
   *
   * @throws InvalidRequestException {@link Reason#IMAGE_TOO_LARGE} if its size or its header goes
   *     beyond the limits; {@link Reason#IMAGE_DECODE} if it is damaged, truncated, or of no known
   *     format
   */
  public Image decode(byte[] content) {
    limits.requireBytes(content.length);
    ImageFormat format =
        ImageFormat.of(content)
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        Reason.IMAGE_DECODE,
                        "The "
                            + content.length
                            + " bytes are no image; known are "
                            + Arrays.toString(ImageFormat.values())));
    try {
      return decode(format.read(ByteBuffer.wrap(content).asReadOnlyBuffer(), limits));
    } catch (InvalidRequestException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // The one place where the readers' ways to fail on damaged files become one.
      throw new InvalidRequestException(
          Reason.IMAGE_DECODE, "The " + format + " image cannot be read, its data is damaged", e);
    }
  }

  private Image decode(ImageFile file) throws IOException {
    int step = limits.step(file.width(), file.height());
    Placement place = file.placement();
    RgbPlanes planes =
        new RgbPlanes(
            steps(place.canvasWidth(), step),
            steps(place.canvasHeight(), step),
            file.orientation(),
            background);
    Samples samples = new Samples(planes, place.left() / step, place.top() / step);
    ImageReader reader = reader(file.format());
    try {
      reader.setInput(new ImageInput(file.content()), true, true);
      ImageReadParam param = reader.getDefaultReadParam();
      param.setSourceSubsampling(step, step, 0, 0);
      if (file.format() == ImageFormat.JPEG) {
        samples.put(reader.readRaster(0, param), file.encoding());
      } else if (file.encoding() == Encoding.AS_DECODED) {
        samples.put(reader.read(0, param));
      } else {
        samples.put(reader.read(0, param).getRaster(), file.encoding());
      }
    } finally {
      reader.dispose();
    }
    return planes.toImage();
  }

  private static int steps(int pixels, int step) {
    return (pixels + step - 1) / step;
  }

  /**
   * A reader for a format: made from its own class where it is a library's, since ImageIO finds
   * libraries by the class loader of whoever asked first.
   */
  private static ImageReader reader(ImageFormat format) throws IOException {
    return READERS.get(format).createReaderInstance(null);
  }

  private static Map<ImageFormat, ImageReaderSpi> readers() {
    Map<ImageFormat, ImageReaderSpi> readers = new EnumMap<>(ImageFormat.class);
    for (ImageFormat format : ImageFormat.values()) {
      readers.put(
          format,
          switch (format) {
            case WEBP -> new WebPImageReaderSpi();
            case TIFF -> new TIFFImageReaderSpi();
            default -> jdkReader(format.name().toLowerCase(Locale.ROOT));
          });
    }
    return readers;
  }

  private static ImageReaderSpi jdkReader(String format) {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      boolean ofJdk = provider.getClass().getModule() == ImageReader.class.getModule();
      if (ofJdk && Arrays.asList(provider.getFormatNames()).contains(format)) {
        return provider;
      }
    }
    throw new IllegalStateException("This JDK reads no " + format);
  }
}
