package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The formats that are read, known by their first bytes. */
enum SoundFormat {
  WAV,
  FLAC,
  OGG,
  MP3;

  private static final int RIFF = 0x52494646;
  private static final int WAVE = 0x57415645;
  private static final int FLAC_SIGNATURE = 0x664c6143;
  private static final int OGG_SIGNATURE = 0x4f676753;
  private static final int SHORTEST = 12;

  static Optional<SoundFormat> of(ByteBuffer content) {
    if (content.limit() < SHORTEST) {
      return Optional.empty();
    }
    int start = content.getInt(0);
    if (start == RIFF && content.getInt(8) == WAVE) {
      return Optional.of(WAV);
    }
    if (start == OGG_SIGNATURE) {
      return Optional.of(OGG);
    }
    int untagged = Id3.length(content);
    if (content.limit() - untagged >= SHORTEST && content.getInt(untagged) == FLAC_SIGNATURE) {
      return Optional.of(FLAC);
    }
    return Mp3Frame.startsAt(content, untagged) ? Optional.of(MP3) : Optional.empty();
  }

  RawAudio decode(ByteBuffer content, AudioLimits limits) throws Exception {
    return switch (this) {
      case WAV -> WavFile.decode(content, limits);
      case FLAC -> FlacFile.decode(content, limits);
      case OGG -> OggFile.decode(content, limits);
      case MP3 -> Mp3File.decode(content, limits);
    };
  }

  static InvalidRequestException unusable(SoundFormat format, String why) {
    return new InvalidRequestException(
        Reason.AUDIO_DECODE, "The " + format + " sound cannot be read: " + why);
  }
}
