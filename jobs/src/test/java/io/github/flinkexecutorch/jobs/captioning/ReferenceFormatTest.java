package io.github.flinkexecutorch.jobs.captioning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.FailureKind;
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
  private static final int LIMIT = 1000;
  private static final List<String> NAMES =
      IntStream.range(0, 150).mapToObj(i -> "ä b/%d.jpg".formatted(i)).toList();

  private final CaptioningInput input = CaptioningInput.parse("/photos");
  private final ReferenceSplit split =
      ReferenceSplit.ofImages("images-0", new Path("/photos"), NAMES);

  @Test
  void shouldReadEveryNameOnceFromAnyPosition() throws Exception {
    List<RecordAndPosition<ImageReference>> all = read(new ReferenceFormat(input, LIMIT), split);

    assertThat(all).extracting(read -> read.getRecord().id()).isEqualTo(NAMES);
    assertThat(all.get(3).getRecord().image()).isEqualTo("/photos/ä b/3.jpg");
    for (int i : new int[] {0, 63, 64, 148, 149}) {
      CheckpointedPosition position =
          new CheckpointedPosition(all.get(i).getOffset(), all.get(i).getRecordSkipCount());
      ReferenceSplit rest = (ReferenceSplit) split.updateWithCheckpointedPosition(position);
      assertThat(read(new ReferenceFormat(input, LIMIT), copy(rest)))
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

    assertThat(manifests.count(LIMIT)).isEqualTo(3);
    assertThat(read(new ReferenceFormat(manifests, LIMIT), whole)).hasSize(3);
    assertThat(read(new ReferenceFormat(manifests, LIMIT), copy(rest)))
        .extracting(read -> read.getRecord().id())
        .containsExactly("a.jsonl:4");
  }

  @Test
  void shouldRejectLineThatIsTooLongByItsNumber(@TempDir java.nio.file.Path folder)
      throws Exception {
    String longest = "{\"image\":\"1.jpg\",\"x\":\"%s\"}".formatted("x".repeat(LIMIT - 24));
    assertThat(longest).hasSize(LIMIT);
    java.nio.file.Path manifest =
        Files.writeString(
            folder.resolve("a.jsonl"),
            String.join(
                "\n", longest, longest + "}", "y".repeat(100 * LIMIT), "{\"image\":\"2.jpg\"}"));
    CaptioningInput manifests = CaptioningInput.parse(manifest.toString());
    ReferenceSplit whole = ReferenceSplit.ofManifest("a", new Path(manifest.toString()));

    List<ImageReference> references =
        read(new ReferenceFormat(manifests, LIMIT), whole).stream()
            .map(RecordAndPosition::getRecord)
            .toList();

    assertThat(manifests.count(LIMIT)).isEqualTo(4);
    assertThat(references)
        .extracting(ImageReference::id)
        .containsExactly("1.jpg", "a.jsonl:2", "a.jsonl:3", "2.jpg");
    assertThat(references.subList(1, 3))
        .allSatisfy(line -> assertThat(line.rejection().kind()).isEqualTo(FailureKind.TOO_LARGE));
    assertThat(references.get(2).rejection().message())
        .contains("100001 bytes", "1000", "executorch.request.max-size");
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
