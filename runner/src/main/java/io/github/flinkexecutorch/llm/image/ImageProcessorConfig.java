package io.github.flinkexecutorch.llm.image;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a vision encoder wants to see. The steps run in the order of the components.
 *
 * @param padToSquare pads to a square of the longest edge first, with {@code padColor}, as LLaVA
 * @param fit how {@code width} and {@code height} are reached
 * @param width target of the resize
 * @param height target of the resize; of no meaning to the edge fits
 * @param resample filter of the resize
 * @param padColor 0xRRGGBB
 * @param cropWidth width of the center crop, padded with black where the image is smaller; 0 for
 *     none
 * @param cropHeight height of the center crop
 * @param tile side of the squares that Idefics3 and SmolVLM look at; 0 for none
 * @param splits whether large images are split into such tiles; if not, all of an image becomes one
 * @param bgr whether blue comes first
 * @param uint8 whether the values stay unsigned bytes; the rest is then of no meaning
 * @param rescaleFactor what a byte is multiplied by
 * @param mean what is subtracted then, for each channel in the order of the result
 * @param std what is divided by then
 */
public record ImageProcessorConfig(
    boolean padToSquare,
    Fit fit,
    int width,
    int height,
    Resample resample,
    int padColor,
    int cropWidth,
    int cropHeight,
    int tile,
    boolean splits,
    boolean bgr,
    boolean uint8,
    double rescaleFactor,
    List<Double> mean,
    List<Double> std) {
  /** Mean of ImageNet's channels. */
  public static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);

  /** Standard deviation of ImageNet's channels. */
  public static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);

  private static final String FILE = "preprocessor_config.json";

  /** Far above any encoder's; bounds what an image is scaled up to. */
  static final int LARGEST_SIDE = 8192;

  public ImageProcessorConfig {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    require(fit == Fit.NONE || isSide(width), "width must be 1 to " + LARGEST_SIDE);
    boolean needsHeight =
        fit == Fit.STRETCH || fit == Fit.LETTERBOX || fit == Fit.LETTERBOX_TOP_LEFT;
    require(!needsHeight || isSide(height), "height must be 1 to " + LARGEST_SIDE);
    require(
        (cropWidth == 0 && cropHeight == 0) || (isSide(cropWidth) && isSide(cropHeight)),
        "the crop must be 1 to " + LARGEST_SIDE + " on both sides, or 0 on both");
    require(tile == 0 || isSide(tile), "the tile must be 0 to " + LARGEST_SIDE);
    require(mean.size() == 3 && std.size() == 3, "mean and std need 3 values each");
    require(std.stream().allMatch(value -> value > 0), "std must be above 0");
  }

  /**
   * A plain resize into floats in [0, 1], what ExecuTorch's own image processor does by default.
   */
  public static ImageProcessorConfig zeroToOne(Fit fit, int width, int height) {
    return of(fit, width, height).withNormalization(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
  }

  /** A plain resize into unsigned bytes, for encoders that normalize themselves. */
  public static ImageProcessorConfig bytes(Fit fit, int width, int height) {
    return of(fit, width, height);
  }

  /** A resize that normalizes by the mean and the standard deviation of ImageNet. */
  public static ImageProcessorConfig imageNet(Fit fit, int width, int height) {
    return of(fit, width, height).withNormalization(IMAGENET_MEAN, IMAGENET_STD);
  }

  /** The longest edge at most 336 pixels, both even, as bytes: what export_llm's LLaVA takes. */
  public static ImageProcessorConfig llava() {
    return bytes(Fit.LONGEST_EDGE, 336, 336);
  }

  /**
   * Reads a {@code preprocessor_config.json} of Hugging Face, of the processors of CLIP, SigLIP,
   * ViT, Gemma 3, LLaVA, Idefics3 and SmolVLM, or without a type.
   *
   * @throws InvalidModelException naming the processor or the field that is unknown, if pixels
   *     could depend on it
   */
  public static ImageProcessorConfig load(Path file) {
    return PreprocessorJson.load(file);
  }

  /**
   * Reads the same fields from constant methods of a program, where optimum-executorch writes them.
   *
   * @throws InvalidModelException as {@link #load}
   */
  public static ImageProcessorConfig read(ExecuTorchModule module) {
    return PreprocessorJson.read(module);
  }

  /**
   * What a model says itself: its {@code preprocessor_config.json} in the same folder, else the
   * constant methods of its program. Empty if neither is there, as for a model of text alone. A
   * file of which the system cannot tell whether it is there counts as one that is.
   *
   * @param model the {@code .pte} file
   * @param dataFiles its {@code .ptd} files
   * @throws InvalidModelException as {@link #load}, with any {@link java.io.IOException} as its
   *     cause, and if the program cannot be opened
   */
  public static Optional<ImageProcessorConfig> ofModel(Path model, List<Path> dataFiles) {
    Path file = model.resolveSibling(FILE);
    boolean unknown = !Files.exists(file) && !Files.notExists(file); // reading says why
    if (unknown || Files.isRegularFile(file)) {
      return Optional.of(load(file));
    }
    try (Program program = Program.open(model, dataFiles, LoadMode.MMAP);
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      return PreprocessorJson.find(module);
    }
  }

  /** The same, with floats that are rescaled by 1/255 and normalized so. */
  public ImageProcessorConfig withNormalization(List<Double> mean, List<Double> std) {
    return new ImageProcessorConfig(
        padToSquare,
        fit,
        width,
        height,
        resample,
        padColor,
        cropWidth,
        cropHeight,
        tile,
        splits,
        bgr,
        false,
        1.0 / 255,
        mean,
        std);
  }

  /** The same, resized by another filter and padded with another color, 0xRRGGBB. */
  public ImageProcessorConfig with(Resample resample, int padColor) {
    return new ImageProcessorConfig(
        padToSquare,
        fit,
        width,
        height,
        resample,
        padColor,
        cropWidth,
        cropHeight,
        tile,
        splits,
        bgr,
        uint8,
        rescaleFactor,
        mean,
        std);
  }

  private static ImageProcessorConfig of(Fit fit, int width, int height) {
    return new ImageProcessorConfig(
        false,
        fit,
        width,
        height,
        Resample.BILINEAR,
        0,
        0,
        0,
        0,
        false,
        false,
        true,
        1,
        List.of(0.0, 0.0, 0.0),
        List.of(1.0, 1.0, 1.0));
  }

  private static boolean isSide(int side) {
    return side >= 1 && side <= LARGEST_SIDE;
  }

  private static void require(boolean valid, String message) {
    if (!valid) {
      throw new InvalidModelException("Unusable image preprocessing: " + message);
    }
  }
}
