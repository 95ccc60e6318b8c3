package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.MediaPlaces;
import io.github.flinkexecutorch.llm.ModelInspection;
import io.github.flinkexecutorch.llm.ModelKind;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.audio.AudioDecoder;
import io.github.flinkexecutorch.llm.audio.AudioPreprocessor;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import io.github.flinkexecutorch.llm.image.ImageProcessor;
import io.github.flinkexecutorch.llm.image.ImageProcessorConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Images and sounds of a prompt, and how the model wants them. */
final class MediaArguments {
  private static final String PREPROCESSOR = "preprocessor.pte";

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = {
        "Image of the prompt: PNG, JPEG, WebP, GIF, BMP or TIFF; repeat it for several.",
        "Images come first, then sounds, then the text; see --image-token for another order."
      })
  private List<Path> images = List.of();

  @Option(
      names = "--image-token",
      paramLabel = "TEXT",
      description = "Text in the prompt that stands for an image each time, such as <image>.")
  private String imageToken;

  @Option(
      names = "--image-config",
      paramLabel = "FILE",
      description =
          "How images are prepared; else preprocessor_config.json beside the model, else what the "
              + "model says itself.")
  private Path imageConfig;

  @Option(
      names = "--audio",
      paramLabel = "FILE",
      description = "Sound of the prompt: WAV, FLAC, MP3 or Ogg Vorbis; repeat it for several.")
  private List<Path> sounds = List.of();

  @Option(
      names = "--audio-token",
      paramLabel = "TEXT",
      description = "Text in the prompt that stands for a sound each time, such as <audio>.")
  private String audioToken;

  @Option(
      names = "--preprocessor",
      paramLabel = "FILE",
      description =
          "Program (.pte) that makes features of sounds; else preprocessor.pte beside the model.")
  private Path preprocessor;

  /** Images or sounds, with their placeholder, null if none is given. */
  record Media(String type, String option, String placeholder, List<MultimodalInput> inputs) {}

  /**
   * Checks that every argument has an effect, and its own.
   *
   * @throws ParameterException naming one that has none, and what it needs
   */
  void check(CommandLine command) {
    if (images.isEmpty() && (imageToken != null || imageConfig != null)) {
      throw new ParameterException(command, "--image-token and --image-config need --image");
    }
    if (sounds.isEmpty() && (audioToken != null || preprocessor != null)) {
      throw new ParameterException(command, "--audio-token and --preprocessor need --audio");
    }
    if (imageToken != null && imageToken.equals(audioToken)) {
      throw new ParameterException(command, "--image-token and --audio-token must differ");
    }
  }

  boolean given() {
    return !images.isEmpty() || !sounds.isEmpty();
  }

  /**
   * Decodes the files and prepares them for the model, images before sounds.
   *
   * @throws InvalidRequestException if a file cannot be used, or the model takes no such input
   * @throws InvalidModelException if nothing says how the model wants it
   */
  List<Media> read(ModelInspection model, List<Path> dataFiles) {
    return List.of(
        new Media("image", "--image-token", imageToken, images(model, dataFiles)),
        new Media("audio", "--audio-token", audioToken, sounds(model)));
  }

  /** A prompt of text with media: at their placeholders, or in front where they have none. */
  static List<MultimodalInput> place(List<Media> media, String text) {
    List<MultimodalInput> inputs = new ArrayList<>();
    Map<String, List<MultimodalInput>> places = new HashMap<>();
    for (Media kind : media) {
      if (kind.placeholder() == null) {
        inputs.addAll(kind.inputs());
      } else {
        places.put(kind.placeholder(), kind.inputs());
      }
    }
    inputs.addAll(new MediaPlaces(places).fill(text));
    return inputs;
  }

  private List<MultimodalInput> images(ModelInspection model, List<Path> dataFiles) {
    if (images.isEmpty()) {
      return List.of();
    }
    requireMethod(model, "images", "vision_encoder");
    ImageProcessor processor = new ImageProcessor(imageConfig(model.path(), dataFiles));
    ImageDecoder decoder = new ImageDecoder();
    return images.stream()
        .map(file -> MultimodalInput.makeImageInput(processor.process(decoder.decode(file))))
        .toList();
  }

  private ImageProcessorConfig imageConfig(Path model, List<Path> dataFiles) {
    if (imageConfig != null) {
      return ImageProcessorConfig.load(imageConfig);
    }
    return ImageProcessorConfig.ofModel(model, dataFiles)
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "How to prepare images: there is no preprocessor_config.json beside %s, and the program says nothing of it. Give --image-config"
                        .formatted(model)));
  }

  private List<MultimodalInput> sounds(ModelInspection model) {
    if (sounds.isEmpty()) {
      return List.of();
    }
    requireMethod(model, "sounds", model.kind() == ModelKind.SEQ2SEQ ? "encoder" : "audio_encoder");
    Path file = preprocessor == null ? model.path().resolveSibling(PREPROCESSOR) : preprocessor;
    if (preprocessor == null && !Files.isRegularFile(file)) {
      throw new InvalidModelException(
          "How to make features of sounds: there is no %s. Give --preprocessor".formatted(file));
    }
    AudioDecoder decoder = new AudioDecoder();
    try (AudioPreprocessor program = AudioPreprocessor.open(file)) {
      return sounds.stream()
          .map(sound -> MultimodalInput.makeAudioInput(program.process(decoder.decode(sound))))
          .toList();
    }
  }

  private static void requireMethod(ModelInspection model, String what, String method) {
    boolean has =
        model.program().methods().stream().anyMatch(found -> found.meta().name().equals(method));
    if (!has) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "%s takes no %s: its program has no method %s".formatted(model.path(), what, method));
    }
  }
}
