package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.github.flinkexecutorch.connector.FailureKind;
import io.github.flinkexecutorch.connector.FaultReport;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** One topic of prompts, images in every form, and bad images; a task fails in the middle. */
class ImageRecordsITCase {
  private static final int PARALLELISM = 2;
  private static final int COPIES = 12;
  private static final String PROMPT = "Describe it.";
  private static final Path MODEL = absolute("../sample-data/batched/llava.pte");

  /** Whose pixels are not what they seem: of inks, of 16 bits, of several frames, turned. */
  private static final List<String> ODD =
      List.of("cmyk.jpg", "rgb-16bit.png", "animated.webp", "turned-6.jpg");

  private static final Path IMAGES = absolute("../runner/src/test/resources/images");

  /** The producer's default limit, less than what a dead letter adds. */
  private static final int LARGE = (1 << 20) - 200;

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(PARALLELISM);

  private static final Map<String, FailureKind> BAD = new HashMap<>();
  private static final Map<String, byte[]> VALUES = new HashMap<>();
  private static final List<ProducerRecord<byte[], byte[]>> RECORDS = new ArrayList<>();
  private static List<JsonNode> completions;
  private static Map<String, ConsumerRecord<byte[], byte[]>> letters;
  private static List<String> failed;
  private static final AtomicInteger ASKED = new AtomicInteger();

  @BeforeAll
  static void runJob(@TempDir Path folder) throws Exception {
    HttpServer here =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    here.createContext(
        "/",
        exchange -> {
          ASKED.incrementAndGet();
          exchange.close();
        });
    here.start();
    try (LocalBroker broker = LocalBroker.start()) {
      JobTopics topics = JobTopics.create(broker, "images", PARALLELISM);
      addRecords(topics.requests());
      addUrls(topics.requests(), here.getAddress().getPort());
      broker.produce(RECORDS);
      TestCluster.runFailing(options(topics, folder), PARALLELISM, 10);
      completions = topics.completions();
      letters = new HashMap<>();
      failed = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> letter : topics.deadLetters()) {
        failed.add(new String(letter.key(), UTF_8));
        letters.put(new String(letter.key(), UTF_8), letter);
      }
    } finally {
      here.stop(0);
    }
  }

  @Test
  void shouldAnswerEveryGoodRecordOnce() {
    assertThat(FailOnce.hasFailed()).as("a task has failed in the middle").isTrue();
    assertThat(completions).hasSize(RECORDS.size() - BAD.size());
    assertThat(texts()).hasSize(RECORDS.size() - BAD.size());
  }

  @Test
  void shouldSeeTheSameImageInEveryForm() {
    Map<String, String> texts = texts();
    for (int copy = 0; copy < COPIES; copy++) {
      for (String image : List.of("rgb.png", "420.jpg")) {
        String named = texts.get("named-" + image + "-" + copy);
        assertThat(named).isNotEmpty().isEqualTo(texts.get("named-" + image + "-0"));
        assertThat(texts.get("base64-" + image + "-" + copy)).isEqualTo(named);
        assertThat(texts.get("uri-" + image + "-" + copy)).isEqualTo(named);
      }
      assertThat(texts.get("two-" + copy)).isNotEmpty().isEqualTo(texts.get("two-0"));
    }
    assertThat(texts.get("named-rgb.png-0")).isNotEqualTo(texts.get("named-420.jpg-0"));
    assertThat(texts.get("text-0")).isNotIn(texts.get("two-0"), texts.get("named-rgb.png-0"));
    // A value that is an image has the name of its position.
    assertThat(texts.entrySet())
        .filteredOn(text -> text.getKey().startsWith("images-requests-"))
        .hasSize(COPIES)
        .allSatisfy(text -> assertThat(text.getValue()).isEqualTo(texts.get("named-rgb.png-0")));
  }

  @Test
  void shouldMakeDeadLettersOfBadImages() {
    assertThat(letters.keySet()).isEqualTo(BAD.keySet());
    letters.forEach(
        (key, letter) -> {
          assertThat(header(letter, "reason")).isEqualTo(BAD.get(key).name());
          boolean malformed = BAD.get(key) == FailureKind.MALFORMED;
          assertThat(header(letter, "stage")).isEqualTo(malformed ? "PARSE" : "IMAGE");
        });
    assertThat(ASKED).as("requests to this machine").hasValue(0);
  }

  @Test
  void shouldLoseNothing() throws Exception {
    int duplicates = completions.size() - texts().size();
    int lost = RECORDS.size() - completions.size() - failed.size();
    FaultReport.row(33, "ImageRecordsITCase#shouldAnswerEveryGoodRecordOnce")
        .in(RECORDS.size())
        .completions(completions.size())
        .deadLetters(failed.size())
        .lost(lost)
        .duplicates(duplicates)
        .write();
    String letters = "ImageRecordsITCase#shouldMakeDeadLettersOfBadImages";
    report(12, letters, "truncated", "not-an-image");
    report(13, letters, "bomb");
    report(14, letters, Stream.concat(ODD.stream(), Stream.of("drawing")).toArray(String[]::new));
    report(15, letters, "outside");
    report(16, letters, "url-loopback", "url-localhost", "url-private", "url-file");
    report(47, "ImageRecordsITCase#shouldLeaveOutAValueThatWouldNotFitIntoTheDeadLetter", "large");
    assertThat(failed).containsExactlyInAnyOrderElementsOf(BAD.keySet());
    assertThat(lost).isZero();
  }

  private static void report(int row, String test, String... keys) throws IOException {
    List<String> sent = List.of(keys);
    List<String> completed =
        completions.stream().map(completion -> completion.get("id").asText()).toList();
    FaultReport.row(row, test)
        .records(
            sent,
            completed.stream().filter(sent::contains).toList(),
            failed.stream().filter(sent::contains).toList())
        .write();
  }

  @Test
  void shouldKeepTheBytesOfBadRecords() {
    letters.forEach(
        (key, letter) -> {
          if (!key.equals("large")) {
            assertThat(letter.value()).isEqualTo(VALUES.get(key));
            assertThat(header(letter, "omitted.bytes")).isNull();
          }
        });
  }

  @Test
  void shouldLeaveOutAValueThatWouldNotFitIntoTheDeadLetter() {
    ConsumerRecord<byte[], byte[]> letter = letters.get("large");
    assertThat(letter.value()).isNull();
    assertThat(header(letter, "omitted.bytes")).isEqualTo(Integer.toString(LARGE));
    assertThat(header(letter, "topic")).isEqualTo("images-requests");
    assertThat(header(letter, "offset")).isNotNull();
  }

  private static void addRecords(String topic) throws Exception {
    byte[] png = Files.readAllBytes(IMAGES.resolve("rgb.png"));
    byte[] jpeg = Files.readAllBytes(IMAGES.resolve("420.jpg"));
    for (int copy = 0; copy < COPIES; copy++) {
      json(topic, "text-" + copy, "");
      for (String image : List.of("rgb.png", "420.jpg")) {
        String base64 =
            Base64.getEncoder().encodeToString(Files.readAllBytes(IMAGES.resolve(image)));
        String end = "-" + image + "-" + copy;
        json(topic, "named" + end, ",'image':'" + image + "'");
        json(topic, "base64" + end, ",'image':{'base64':'" + base64 + "'}");
        json(topic, "uri" + end, ",'images':['data:image/png;base64," + base64 + "']");
      }
      json(topic, "two-" + copy, ",'images':['rgb.png',{'reference':'420.jpg'}]");
      add(topic, "binary-" + copy, png);
    }
    for (String image : ODD) {
      json(topic, image, ",'image':'" + image + "'");
    }
    bad(topic, "bomb", claiming(40_000, png), FailureKind.IMAGE_TOO_LARGE);
    bad(topic, "drawing", "{'base64':'PHN2Zy8+'}", FailureKind.IMAGE_DECODE);
    bad(topic, "truncated", Arrays.copyOf(jpeg, jpeg.length / 2), FailureKind.IMAGE_DECODE);
    bad(topic, "large", Arrays.copyOf(png, LARGE), FailureKind.IMAGE_TOO_LARGE);
    bad(topic, "outside", "'../goldens.zip'", FailureKind.FORBIDDEN_REFERENCE);
    bad(topic, "missing", "'missing.png'", FailureKind.FETCH_FAILED);
    bad(topic, "not-an-image", "'goldens.zip'", FailureKind.IMAGE_DECODE);
    bad(topic, "not-base64", "{'base64':'!'}", FailureKind.MALFORMED);
  }

  /** URLs to this machine, where one is served, and to a private network. */
  private static void addUrls(String topic, int port) {
    String end = ":" + port + "/rgb.png'";
    bad(topic, "url-loopback", "'http://127.0.0.1" + end, FailureKind.FORBIDDEN_REFERENCE);
    bad(topic, "url-localhost", "'http://localhost" + end, FailureKind.FORBIDDEN_REFERENCE);
    bad(topic, "url-private", "'http://10.0.0.1/rgb.png'", FailureKind.FORBIDDEN_REFERENCE);
    bad(topic, "url-file", "'file:///etc/hostname'", FailureKind.FORBIDDEN_REFERENCE);
  }

  /** A PNG whose header says that it is so wide and high. */
  private static byte[] claiming(int size, byte[] png) {
    ByteBuffer header = ByteBuffer.wrap(png.clone()).putInt(16, size).putInt(20, size);
    CRC32 checksum = new CRC32();
    checksum.update(header.array(), 12, 17);
    return header.putInt(29, (int) checksum.getValue()).array();
  }

  private static void bad(String topic, String key, String image, FailureKind kind) {
    BAD.put(key, kind);
    json(topic, key, ",'image':" + image);
  }

  private static void bad(String topic, String key, byte[] value, FailureKind kind) {
    BAD.put(key, kind);
    add(topic, key, value);
  }

  private static void json(String topic, String id, String images) {
    String json = "{'id':'%s','prompt':'%s'%s}".formatted(id, PROMPT, images);
    add(topic, id, json.replace('\'', '"').getBytes(UTF_8));
  }

  private static void add(String topic, String key, byte[] value) {
    VALUES.put(key, value);
    RECORDS.add(new ProducerRecord<>(topic, key.getBytes(UTF_8), value));
  }

  private static StreamEnrichmentOptions options(JobTopics topics, Path folder) throws Exception {
    Path preprocessor =
        Files.writeString(
            folder.resolve("image.json"),
            "{\"size\": {\"height\": 28, \"width\": 28}, \"do_center_crop\": false}");
    return topics.optionsWithoutModel(
        List.of(
            "--model",
            MODEL.toString(),
            "--checkpoint-interval",
            "300ms",
            "--option",
            "executorch.image.preprocessor=" + preprocessor,
            "--option",
            "executorch.image.roots=" + IMAGES,
            "--option",
            "executorch.image.max-bytes=300kb",
            "--option",
            "executorch.image.allow-urls=true",
            "--option",
            "executorch.request.value-format=AUTO",
            "--option",
            "executorch.request.image-prompt=" + PROMPT,
            "--option",
            "executorch.generation.max-new-tokens=8"));
  }

  private static Map<String, String> texts() {
    return completions.stream()
        .collect(
            toMap(
                completion -> completion.get("id").asText(),
                completion -> completion.get("completion").asText()));
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    Header header = letter.headers().lastHeader(DeadLetterHeaders.PREFIX + name);
    return header == null ? null : new String(header.value(), UTF_8);
  }

  private static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }
}
