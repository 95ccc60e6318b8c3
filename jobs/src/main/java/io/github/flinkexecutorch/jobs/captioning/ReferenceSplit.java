package io.github.flinkexecutorch.jobs.captioning;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.connector.file.src.FileSourceSplit;
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

  /** How many references were read before the checkpoint that this split comes from. */
  long alreadyRead() {
    return getReaderPosition().map(CheckpointedPosition::getRecordsAfterOffset).orElse(0L);
  }

  @Override
  public FileSourceSplit updateWithCheckpointedPosition(CheckpointedPosition position) {
    return new ReferenceSplit(splitId(), path(), names, position);
  }

  /** The id, the path, the names, and how many references of the split were read. */
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
      out.writeUTF(split.splitId());
      out.writeUTF(split.path().toString());
      out.writeLong(split.alreadyRead());
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
      String id = in.readUTF();
      Path path = new Path(in.readUTF());
      long read = in.readLong();
      List<String> names = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        names.add(in.readUTF());
      }
      CheckpointedPosition position =
          read == 0 ? null : new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, read);
      return new ReferenceSplit(id, path, names, position);
    }
  }
}
