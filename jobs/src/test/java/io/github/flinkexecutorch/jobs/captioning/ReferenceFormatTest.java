package io.github.flinkexecutorch.jobs.captioning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.reader.BulkFormat.RecordIterator;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceFormatTest {
  private static final List<String> NAMES =
      IntStream.range(0, 150).mapToObj(i -> "ä b/%d.jpg".formatted(i)).toList();

  private final CaptioningInput input = CaptioningInput.parse("/photos");
  private final ReferenceSplit split =
      ReferenceSplit.ofImages("images-0", new Path("/photos"), NAMES);

  @Test
  void shouldReadEveryNameOnceFromAnyPosition() throws Exception {
    List<RecordAndPosition<ImageReference>> all = read(new ReferenceFormat(input), split);

    assertThat(all).extracting(read -> read.getRecord().id()).isEqualTo(NAMES);
    assertThat(all.get(3).getRecord().image()).isEqualTo("/photos/ä b/3.jpg");
    for (int i : new int[] {0, 63, 64, 148, 149}) {
      CheckpointedPosition position =
          new CheckpointedPosition(all.get(i).getOffset(), all.get(i).getRecordSkipCount());
      ReferenceSplit rest = (ReferenceSplit) split.updateWithCheckpointedPosition(position);
      assertThat(read(new ReferenceFormat(input), copy(rest)))
          .extracting(read -> read.getRecord().id())
          .isEqualTo(NAMES.subList(i + 1, NAMES.size()));
    }
  }

  @Test
  void shouldGoOnInManifestWithRowsNumberedAsBefore(@TempDir java.nio.file.Path folder)
      throws Exception {
    java.nio.file.Path manifest =
        Files.writeString(folder.resolve("a.jsonl"), "{\"image\":\"1.jpg\"}\n\nx\ny\n");
    CaptioningInput manifests = CaptioningInput.parse(manifest.toString());
    ReferenceSplit whole = ReferenceSplit.ofManifest("a", new Path(manifest.toString()));
    ReferenceSplit rest =
        (ReferenceSplit)
            whole.updateWithCheckpointedPosition(
                new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, 2));

    assertThat(manifests.count()).isEqualTo(3);
    assertThat(read(new ReferenceFormat(manifests), whole)).hasSize(3);
    assertThat(read(new ReferenceFormat(manifests), copy(rest)))
        .extracting(read -> read.getRecord().id())
        .containsExactly("a.jsonl:4");
  }

  private static ReferenceSplit copy(ReferenceSplit split) throws IOException {
    ReferenceSplit.Serializer serializer = ReferenceSplit.Serializer.INSTANCE;
    return serializer.deserialize(serializer.getVersion(), serializer.serialize(split));
  }

  private static List<RecordAndPosition<ImageReference>> read(
      ReferenceFormat format, ReferenceSplit split) throws IOException {
    List<RecordAndPosition<ImageReference>> all = new ArrayList<>();
    try (ReferenceFormat.Reader reader = format.restoreReader(new Configuration(), split)) {
      for (RecordIterator<ImageReference> batch; (batch = reader.readBatch()) != null; ) {
        for (RecordAndPosition<ImageReference> next; (next = batch.next()) != null; ) {
          all.add(
              new RecordAndPosition<>(
                  next.getRecord(), next.getOffset(), next.getRecordSkipCount()));
        }
      }
    }
    return all;
  }
}
