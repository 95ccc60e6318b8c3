package io.github.flinkexecutorch.jobs.captioning;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.FileSourceSplitSerializer;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A part of the input: some images of a folder, or one manifest. The names travel with the split
 * and so are in checkpoints: a restarted run has the list that it began with.
 */
final class ReferenceSplit extends FileSourceSplit {
  private static final long serialVersionUID = 1L;

  private final ArrayList<String> names;

  private ReferenceSplit(String id, Path path, List<String> names, CheckpointedPosition position) {
    super(id, path, 0, 0, 0, 0, new String[0], position);
    this.names = new ArrayList<>(names);
  }

  /** Images below {@code root}. */
  static ReferenceSplit ofImages(String id, Path root, List<String> names) {
    return new ReferenceSplit(id, root, names, null);
  }

  static ReferenceSplit ofManifest(String id, Path manifest) {
    return new ReferenceSplit(id, manifest, List.of(), null);
  }

  /** Paths below the root; none of a manifest. */
  List<String> names() {
    return names;
  }

  @Override
  public FileSourceSplit updateWithCheckpointedPosition(CheckpointedPosition position) {
    return new ReferenceSplit(splitId(), path(), names, position);
  }

  /** Writes a split as its superclass does, with the names behind. */
  enum Serializer implements SimpleVersionedSerializer<ReferenceSplit> {
    INSTANCE;

    private static final int VERSION = 1;

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(ReferenceSplit split) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      byte[] base = FileSourceSplitSerializer.INSTANCE.serialize(split);
      out.writeInt(FileSourceSplitSerializer.INSTANCE.getVersion());
      out.writeInt(base.length);
      out.write(base);
      out.writeInt(split.names.size());
      for (String name : split.names) {
        out.writeUTF(name);
      }
      return bytes.toByteArray();
    }

    @Override
    public ReferenceSplit deserialize(int version, byte[] serialized) throws IOException {
      if (version != VERSION) {
        throw new IOException("A split of version " + version + "; known is " + VERSION);
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
      int baseVersion = in.readInt();
      FileSourceSplit base =
          FileSourceSplitSerializer.INSTANCE.deserialize(baseVersion, in.readNBytes(in.readInt()));
      List<String> names = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        names.add(in.readUTF());
      }
      return new ReferenceSplit(
          base.splitId(), base.path(), names, base.getReaderPosition().orElse(null));
    }
  }
}
