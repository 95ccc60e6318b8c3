package io.github.flinkexecutorch.llm.audio;

import static io.github.flinkexecutorch.llm.audio.SoundFormat.OGG;

import com.jcraft.jogg.Packet;
import com.jcraft.jogg.Page;
import com.jcraft.jogg.StreamState;
import com.jcraft.jogg.SyncState;
import com.jcraft.jorbis.Block;
import com.jcraft.jorbis.Comment;
import com.jcraft.jorbis.DspState;
import com.jcraft.jorbis.Info;
import java.nio.ByteBuffer;

/** Vorbis I in an Ogg file (RFC 3533): its first stream. */
final class OggFile {
  private static final int READ_SIZE = 1 << 13;
  private static final int SETUP_HEADER = 2;
  private static final int FIRST_SOUND = 3;

  private final ByteBuffer file;
  private final AudioLimits limits;
  private final SyncState sync = new SyncState();
  private final StreamState stream = new StreamState();
  private final Page page = new Page();
  private final Info info = new Info();
  private final Comment comment = new Comment();
  private final DspState synthesis = new DspState();
  private Block block;
  private SampleBuffer buffer;
  private int packets;

  private OggFile(ByteBuffer file, AudioLimits limits) {
    this.file = file;
    this.limits = limits;
  }

  static RawAudio decode(ByteBuffer file, AudioLimits limits) {
    return new OggFile(file.duplicate(), limits).decode();
  }

  private RawAudio decode() {
    sync.init();
    info.init();
    long length = -1;
    boolean started = false;
    boolean ended = false;
    while (!ended && nextPage()) {
      if (!started) {
        stream.init(page.serialno());
        started = true;
      }
      if (stream.pagein(page) < 0) {
        continue; // another stream's
      }
      readPackets();
      length = page.granulepos();
      ended = page.eos() != 0;
    }
    if (!ended || buffer == null) {
      throw SoundFormat.unusable(OGG, "it is truncated");
    }
    boolean cut = length > 0 && length < buffer.length(); // the last block reaches over the end
    return buffer.toRawAudio(0, cut ? (int) length : buffer.length());
  }

  /** False at the end of the file. */
  private boolean nextPage() {
    while (true) {
      int found = sync.pageout(page);
      if (found > 0) {
        return true;
      }
      if (found < 0) {
        throw SoundFormat.unusable(OGG, "one of its pages is damaged");
      }
      int count = Math.min(READ_SIZE, file.remaining());
      if (count == 0) {
        return false;
      }
      int at = sync.buffer(count);
      file.get(sync.data, at, count);
      sync.wrote(count);
    }
  }

  private void readPackets() {
    Packet packet = new Packet();
    while (true) {
      int found = stream.packetout(packet);
      if (found == 0) {
        return;
      }
      if (found < 0) {
        throw SoundFormat.unusable(OGG, "a part of it is missing");
      }
      if (packets < FIRST_SOUND) {
        readHeader(packet);
      } else {
        readSound(packet);
      }
      packets++;
    }
  }

  private void readHeader(Packet packet) {
    byte[] content = new byte[packet.bytes];
    System.arraycopy(packet.packet_base, packet.packet, content, 0, content.length);
    Packet header = packet;
    if (packets == 0) {
      VorbisHeaders.requireIdentification(content);
    } else if (packets < SETUP_HEADER) {
      header = new Packet();
      new Comment().header_out(header); // the file's own would be allocated by what it claims
    } else {
      VorbisHeaders.requireBoundedSetup(content, info.channels);
    }
    if (info.synthesis_headerin(comment, header) < 0) {
      throw SoundFormat.unusable(OGG, "its header " + packets + " is damaged");
    }
    if (packets == 0) {
      buffer = new SampleBuffer(OGG, limits, info.rate, info.channels, 0);
    } else if (packets == SETUP_HEADER) {
      synthesis.synthesis_init(info);
      block = new Block(synthesis);
    }
  }

  private void readSound(Packet packet) {
    if (block.synthesis(packet) == 0) {
      synthesis.synthesis_blockin(block);
    }
    float[][][] pcm = new float[1][][];
    int[] starts = new int[info.channels];
    for (int count = synthesis.synthesis_pcmout(pcm, starts);
        count > 0;
        count = synthesis.synthesis_pcmout(pcm, starts)) {
      int at = buffer.add(count);
      for (int channel = 0; channel < info.channels; channel++) {
        for (int i = 0; i < count; i++) {
          buffer.set(channel, at + i, pcm[0][channel][starts[channel] + i]);
        }
      }
      synthesis.synthesis_read(count);
    }
  }
}
