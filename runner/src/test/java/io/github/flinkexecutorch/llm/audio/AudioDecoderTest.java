package io.github.flinkexecutorch.llm.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.Mutation;
import io.github.flinkexecutorch.llm.Zip;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudioDecoderTest {
  static final Path SOUNDS = Path.of("src/test/resources/audio");
  private static final Map<String, byte[]> GOLDENS = Zip.read(SOUNDS.resolve("goldens.zip"));
  private static final AudioDecoder DECODER = new AudioDecoder();

  static Iterable<String> variants() {
    return GOLDENS.keySet();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void shouldDecodeToTheSamplesOfLibsndfile(String name) {
    ByteBuffer golden = ByteBuffer.wrap(GOLDENS.get(name)).order(ByteOrder.LITTLE_ENDIAN);
    int sampleRate = golden.getInt();
    int channels = golden.getInt();
    int samples = golden.remaining() / Float.BYTES / channels;

    RawAudio audio = DECODER.decode(SOUNDS.resolve(name));

    assertThat(audio.toString())
        .isEqualTo("raw audio [1, %d, %d] at %d Hz".formatted(channels, samples, sampleRate));
    double max = 0;
    for (int i = 0; i < samples * channels; i++) {
      float actual = audio.samples()[i % channels * samples + i / channels];
      max = Math.max(max, Math.abs(actual - golden.getFloat()));
    }
    assertThat(max).isLessThanOrEqualTo(tolerance(name));
  }

  /** WAV and FLAC are equal to the bit. */
  private static double tolerance(String name) {
    if (name.endsWith(".ogg")) {
      return 3e-7;
    }
    return name.endsWith(".mp3") ? 2e-6 : 0;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "R", "plain text of some length", "RIFF....AVI LIST", "fLaX........."})
  void shouldRefuseWhatIsNoSound(String content) {
    assertRefused(
        content.getBytes(StandardCharsets.UTF_8),
        Reason.AUDIO_DECODE,
        "bytes are no sound; known are [WAV, FLAC, OGG, MP3]");
  }

  @Test
  void shouldDecodeInSeveralThreadsAtOnce() {
    float[][] alone = samplesOfAll();

    List<float[][]> together =
        IntStream.range(0, 8).parallel().mapToObj(thread -> samplesOfAll()).toList();

    assertThat(together).allSatisfy(samples -> assertThat(samples).isDeepEqualTo(alone));
  }

  private static float[][] samplesOfAll() {
    return GOLDENS.keySet().stream()
        .map(name -> DECODER.decode(SOUNDS.resolve(name)).samples())
        .toArray(float[][]::new);
  }

  @Test
  void shouldRefuseRandomBytes() {
    byte[] content = new byte[5000];
    new Random(5).nextBytes(content);

    assertRefused(content, Reason.AUDIO_DECODE, "are no sound");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pcm-16.wav", "pcm-16.flac", "stereo.ogg", "stereo.mp3"})
  void shouldRefuseATruncatedSound(String name) throws IOException {
    byte[] content = Files.readAllBytes(SOUNDS.resolve(name));

    for (int tenths = 1; tenths < 10; tenths++) {
      byte[] part = Arrays.copyOf(content, content.length * tenths / 10);
      assertRefused(part, Reason.AUDIO_DECODE, "cannot be read");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1000,    9, 192000, 8, 9000, is too large; the limit is 1000 bytes",
    "100000,  9,  16000, 8, 9000, of 2 channels at 22050 Hz is too large; the limit is 16000 Hz",
    "100000,  9, 192000, 1, 9000, is too large; the limit is 1 channels",
    "100000,  9, 192000, 8, 6000, is too large; the limit is 6000 samples in all",
  })
  void shouldNameTheLimitThatASoundBreaks(
      int bytes, int seconds, int rate, int channels, int samples, String message) {
    var decoder = new AudioDecoder(new AudioLimits(bytes, seconds, rate, channels, samples));

    for (String name : new String[] {"stereo.wav", "pcm-16.flac"}) {
      assertThatThrownBy(() -> decoder.decode(SOUNDS.resolve(name)))
          .isInstanceOfSatisfying(
              InvalidRequestException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.AUDIO_TOO_LARGE))
          .hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"silence.flac", "stereo.ogg", "stereo.mp3"})
  void shouldStopDecodingAtTheLimit(String name) {
    var limits = new AudioLimits(1 << 20, 1000, 192_000, 8, 8000);

    assertThatThrownBy(() -> new AudioDecoder(limits).decode(SOUNDS.resolve(name)))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.AUDIO_TOO_LARGE));
  }

  @Test
  void shouldRefuseAFlacFileWhoseSamplesDoNotFitItsChecksum() throws IOException {
    byte[] content = Files.readAllBytes(SOUNDS.resolve("pcm-24.flac"));
    content[30] ^= 1; // in the checksum

    assertRefused(
        content,
        Reason.AUDIO_DECODE,
        "The FLAC sound cannot be read: its samples do not fit its checksum");
  }

  @Test
  void shouldNotReadTheMetadataOfAFlacFile() throws IOException {
    byte[] content = Files.readAllBytes(SOUNDS.resolve("pcm-24.flac"));
    ByteBuffer bomb = ByteBuffer.allocate(content.length + 12);
    bomb.put(content, 0, 42); // up to the end of the stream information
    bomb.putInt(0x04000008).putInt(0).putInt(0xffffff7f); // a comment block of 2^31 comments
    bomb.put(content, 42, content.length - 42).put(4, (byte) 0);

    assertThat(DECODER.decode(bomb.array()).samples()).isEqualTo(DECODER.decode(content).samples());
  }

  @Test
  void shouldRefuseATableOfVorbisThatTheDecoderCouldNotAllocate() throws IOException {
    byte[] content = Files.readAllBytes(SOUNDS.resolve("mono.ogg"));
    int setup = new String(content, StandardCharsets.ISO_8859_1).indexOf("\5vorbis");
    int dimensions = setup + 7 + 1 + 3; // after the signature, the count and the codebook's sync
    Arrays.fill(content, dimensions, dimensions + 2 + 3, (byte) 0xff); // and entries
    Mutation.repairChecksums(content);

    assertRefused(
        content, Reason.AUDIO_DECODE, "The OGG sound cannot be read: its setup header is damaged");
  }

  @Test
  void shouldNameTheCodingThatAWavFileHas() throws IOException {
    byte[] content = Files.readAllBytes(SOUNDS.resolve("pcm-u8.wav"));
    content[20] = 7; // mu-law

    assertRefused(content, Reason.AUDIO_DECODE, "its format 7 with 8 bits is neither PCM");
  }

  @Test
  void shouldRefuseANumberThatIsNotFinite() throws IOException {
    byte[] content = Files.readAllBytes(SOUNDS.resolve("float.wav"));
    ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putFloat(1000, Float.NaN);

    assertRefused(content, Reason.AUDIO_DECODE, "a sample that is not a finite number");
  }

  @Test
  void shouldSayWhyAFileCannotBeRead(@TempDir Path folder) {
    assertThatThrownBy(() -> DECODER.decode(folder.resolve("none.wav")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("none.wav cannot be read: java.nio.file.NoSuchFileException");
  }

  private static void assertRefused(byte[] content, Reason reason, String message) {
    assertThatThrownBy(() -> DECODER.decode(content))
        .isInstanceOfSatisfying(
            InvalidRequestException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }
}
