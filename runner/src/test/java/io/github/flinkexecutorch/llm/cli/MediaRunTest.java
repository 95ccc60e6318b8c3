package io.github.flinkexecutorch.llm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.Cancellation;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.Goldens;
import io.github.flinkexecutorch.llm.IRunner;
import io.github.flinkexecutorch.llm.LLMRunners;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.audio.Audio;
import io.github.flinkexecutorch.llm.audio.AudioDecoder;
import io.github.flinkexecutorch.llm.audio.AudioPreprocessor;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images and sounds on the command line, by the models of the conformance suite. */
@Tag("native")
class MediaRunTest {
  private static final Path MODELS = Goldens.TICKETS.resolveSibling("conformance");
  private static final Path LLAVA = MODELS.resolve("llava");
  private static final Path WHISPER = MODELS.resolve("whisper");
  private static final Path VOXTRAL = MODELS.resolve("voxtral");
  private static final Path SOUNDS = Path.of("src/test/resources/audio");
  private static final String WHISPER_FEATURES =
      "--preprocessor=" + SOUNDS.resolve("mel-80-short.pte");
  private static final String VOXTRAL_FEATURES =
      "--preprocessor=" + SOUNDS.resolve("mel-16-stacked.pte");

  /** Images that have the encoder's size, as unsigned bytes. */
  private static final String AS_THEY_ARE =
      "{\"do_resize\": false, \"do_center_crop\": false, \"do_rescale\": false,"
          + " \"do_normalize\": false}";

  @TempDir private Path folder;

  @Test
  void shouldGenerateTheTokensOfTheOfficialRunnerFromImagesAndText() throws IOException {
    Path config = Files.writeString(folder.resolve("config.json"), AS_THEY_ARE);
    int compared = 0;
    for (String line : Files.readAllLines(LLAVA.resolve("goldens.jsonl"))) {
      JsonNode golden = new ObjectMapper().readTree(line);
      List<String> arguments =
          new ArrayList<>(List.of("--image-config=" + config, "--image-token=<image>"));
      if (addInputs(golden.path("inputs"), arguments)) {
        assertThat(run(LLAVA, arguments.toArray(String[]::new)).tokens())
            .as(golden.get("id").asText())
            .isEqualTo(ids(golden.get("tokens")));
        compared++;
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(10);
  }

  @Test
  void shouldPutImagesFirstAndFindTheirPreparationBesideTheModel() throws IOException {
    for (String name : List.of("model.pte", "tokenizer.json", "special_tokens_map.json")) {
      Files.copy(LLAVA.resolve(name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("preprocessor_config.json"), AS_THEY_ARE);
    Path image = png();

    List<Integer> first = run(folder, "--prompt=What is it?", "--image=" + image).tokens();

    assertThat(first)
        .isEqualTo(
            run(folder, "--prompt=<image>What is it?", "--image-token=<image>", "--image=" + image)
                .tokens())
        .isNotEqualTo(
            run(folder, "--prompt=What is it?<image>", "--image-token=<image>", "--image=" + image)
                .tokens());
  }

  @Test
  void shouldPutImagesWhereTheChatTemplateWritesThem() throws IOException {
    for (String name : List.of("tokenizer.json", "special_tokens_map.json")) {
      Files.copy(LLAVA.resolve(name), folder.resolve(name));
    }
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{% for part in messages[0].content %}{% if part.type == 'image' %}An <image> and "
            + "{% else %}{{ part.text }}{% endif %}{% endfor %}. Answer:");
    Path config = Files.writeString(folder.resolve("config.json"), AS_THEY_ARE);
    String[] common = {
      "--tokenizer=" + folder,
      "--image-config=" + config,
      "--image=" + png(),
      "--image-token=<image>"
    };

    assertThat(run(LLAVA, with(common, "--chat", "--prompt=what is it?")).tokens())
        .isEqualTo(
            run(LLAVA, with(common, "--prompt=An <image> and what is it?. Answer:")).tokens());
    run(LLAVA, with(common, "--chat", "--prompt=<image>")) // stays text
        .result();
    run(
            LLAVA,
            "--tokenizer=" + folder,
            "--image-config=" + config,
            "--image=" + png(),
            "--chat",
            "--prompt=a")
        .assertWrong("--chat needs --image-token");
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pcm-16.wav", "stereo.ogg", "mono.mp3", "pcm-24.flac"})
  void shouldTranscribeSoundsByEncoderAndDecoder(String sound) throws IOException {
    MultimodalInput features = features("mel-80-short.pte", sound);
    Path file = SOUNDS.resolve(sound);

    assertThat(run(WHISPER, WHISPER_FEATURES, "--audio=" + file).tokens())
        .isEqualTo(expected(WHISPER, List.of(features)));
    assertThat(run(WHISPER, WHISPER_FEATURES, "--audio=" + file, "--prompt=The order").tokens())
        .as("the decoder's text begins with the prompt")
        .isEqualTo(expected(WHISPER, List.of(features, text("The order"))));
  }

  @Test
  void shouldPutSoundsWhereThePromptNamesThem() throws IOException {
    assertThat(
            run(
                    VOXTRAL,
                    VOXTRAL_FEATURES,
                    "--audio=" + SOUNDS.resolve("stereo.ogg"),
                    "--audio=" + SOUNDS.resolve("mono.mp3"),
                    "--audio-token=<audio>",
                    "--prompt=Is <audio> or <audio>?")
                .tokens())
        .isEqualTo(
            expected(
                VOXTRAL,
                List.of(
                    text("Is "),
                    features("mel-16-stacked.pte", "stereo.ogg"),
                    text(" or "),
                    features("mel-16-stacked.pte", "mono.mp3"),
                    text("?"))));
  }

  @Test
  void shouldGenerateFromTextByEncoderAndDecoder() throws IOException {
    Path t5 = MODELS.resolve("t5-without-cross-cache");

    assertThat(run(t5, "--prompt=Hello support!").tokens())
        .isEqualTo(expected(t5, List.of(text("Hello support!"))));
  }

  @Test
  void shouldSayWhatKeepsImagesAndSoundsFromTheModel() throws IOException {
    Path image = png();
    String sound = "--audio=" + SOUNDS.resolve("pcm-16.wav");
    Path damaged = Files.write(folder.resolve("damaged.png"), new byte[100]);
    Path config = Files.writeString(folder.resolve("config.json"), AS_THEY_ARE);
    String prepared = "--image-config=" + config;

    run(Goldens.TICKETS, "--image=" + image).assertFailed("takes no images", "vision_encoder");
    run(LLAVA, sound).assertFailed("takes no sounds", "audio_encoder");
    run(LLAVA, "--image=" + image).assertFailed("no", "preprocessor_config.json", "--image-config");
    run(WHISPER, sound).assertFailed("preprocessor.pte", "--preprocessor");
    run(LLAVA, prepared, "--image=" + damaged).assertFailed("are no image");
    run(LLAVA, prepared, "--image=none.png").assertFailed("none.png");
    run(LLAVA, prepared, "--image=" + image, "--image-token=<i>", "--prompt=secret-prompt")
        .assertFailed("<i> 0 times");
    run(WHISPER, WHISPER_FEATURES, "--audio=" + twoSeconds())
        .assertFailed("longer than the preprocessor takes, 1.0 s");
    run(VOXTRAL, sound, "--preprocessor=" + WHISPER.resolve("model.pte"))
        .assertFailed("no audio preprocessor");
    run(VOXTRAL, sound, WHISPER_FEATURES).assertFailed("audio_encoder takes", "preprocessor");
    run(MODELS.resolve("deep-fusion"), "--image=" + image).assertFailed("deep fusion");
  }

  @Test
  void shouldRefuseArgumentsWithoutEffect() {
    run(LLAVA, "--image-token=<i>").assertWrong("need --image");
    run(LLAVA, "--image-config=a.json").assertWrong("need --image");
    run(LLAVA, "--audio-token=<i>").assertWrong("need --audio");
    run(LLAVA, VOXTRAL_FEATURES).assertWrong("need --audio");
    run(LLAVA, "--image=a", "--image-token=<i>", "--audio=b", "--audio-token=<i>")
        .assertWrong("must differ");
    run(WHISPER, "--compat", "--prompt=a").assertWrong("--compat");
  }

  /** A sound of 16-bit samples at 16 kHz. */
  private Path twoSeconds() throws IOException {
    AudioFormat format = new AudioFormat(16_000, 16, 1, true, false);
    byte[] silence = new byte[2 * 2 * 16_000];
    Path file = folder.resolve("long.wav");
    AudioSystem.write(
        new AudioInputStream(new ByteArrayInputStream(silence), format, 2 * 16_000),
        AudioFileFormat.Type.WAVE,
        file.toFile());
    return file;
  }

  /** False for goldens without images, or that no command line can say: token ids, turns. */
  private boolean addInputs(JsonNode inputs, List<String> arguments) throws IOException {
    StringBuilder prompt = new StringBuilder();
    for (JsonNode input : inputs) {
      if (input.has("tokens")) {
        return false;
      }
      prompt.append(input.has("text") ? input.get("text").asText() : "<image>");
      if (input.has("image")) {
        arguments.add("--image=" + png(input.get("image")));
      }
    }
    arguments.add("--prompt=" + prompt);
    return prompt.indexOf("<image>") >= 0;
  }

  private static Ended run(Path folder, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "run",
                "--model=" + folder.resolve("model.pte"),
                "--temperature=0",
                "--max-new-tokens=20",
                "--json"));
    all.addAll(List.of(arguments));
    return Ended.of(all.toArray(String[]::new));
  }

  private static List<Integer> expected(Path folder, List<MultimodalInput> inputs) {
    Path model = folder.resolve("model.pte");
    GenerationConfig config = GenerationConfig.greedy().toBuilder().maxNewTokens(20).build();
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(folder);
        IRunner runner =
            folder.equals(VOXTRAL)
                ? LLMRunners.createMultimodalRunner(model, tokenizer)
                : LLMRunners.createSeq2SeqRunner(model, tokenizer)) {
      List<Integer> tokens =
          runner.generate(inputs, config, piece -> {}, new Cancellation()).tokens();
      assertThat(tokens).hasSizeGreaterThan(5);
      return tokens;
    }
  }

  private static MultimodalInput features(String preprocessor, String sound) {
    try (AudioPreprocessor program = AudioPreprocessor.open(SOUNDS.resolve(preprocessor))) {
      Audio audio = program.process(new AudioDecoder().decode(SOUNDS.resolve(sound)));
      return MultimodalInput.makeAudioInput(audio);
    }
  }

  private static MultimodalInput text(String text) {
    return MultimodalInput.makeTextInput(text);
  }

  /** The first image of the goldens. */
  private Path png() throws IOException {
    return png("image-1.u8", 32, 32);
  }

  private Path png(JsonNode image) throws IOException {
    return png(image.get("file").asText(), image.get("width").asInt(), image.get("height").asInt());
  }

  /** An image of the goldens, three planes, as a PNG file. */
  private Path png(String name, int width, int height) throws IOException {
    byte[] planes = Files.readAllBytes(LLAVA.resolve(name));
    assertThat(planes).hasSize(3 * width * height);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      int rgb = 0;
      for (int channel = 0; channel < 3; channel++) {
        rgb = (rgb << 8) | (planes[channel * width * height + i] & 0xff);
      }
      image.setRGB(i % width, i / width, rgb);
    }
    Path file = folder.resolve(name + ".png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private static List<Integer> ids(JsonNode array) {
    List<Integer> ids = new ArrayList<>();
    array.forEach(id -> ids.add(id.asInt()));
    return ids;
  }
}
