package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds the bills of materials to their schema, and them and docs/dependencies.md to what is really
 * in the jars; profile sbom makes the bills and runs this. It leaves the one of everything in
 * target/bom.json of the repository. With {@code -Ddocs.write=true} it writes the page anew.
 */
class BillOfMaterialsCheck {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(
              SpecificationVersion.DRAFT_7,
              registry ->
                  registry.schemaIdResolvers(
                      ids -> ids.mapPrefix("http://cyclonedx.org/schema", "classpath:")))
          .getSchema(SchemaLocation.of("http://cyclonedx.org/schema/bom-1.6.schema.json"));
  private static final Path PAGE = Path.of("../docs/dependencies.md");
  private static final Path NOTICE = Path.of("../native/src/main/cpp/NOTICE");
  private static final List<String> PUBLISHED =
      List.of("native", "runner", "connector", "sql-connector", "jobs");
  private static final String OWN_GROUP = "io.github.flinkexecutorch";

  /** Group, artifact, type, perhaps a classifier, version and scope. */
  private static final Pattern DEPENDENCY =
      Pattern.compile("([\\w.-]+):([\\w.-]+):\\w+(?::[\\w.-]+)?:([\\w.-]+):(?:compile|runtime)");

  /** {@code BSD} where a POM does not say which. */
  private static final Set<String> ALLOWED =
      Set.of(
          "Apache-2.0",
          "MIT",
          "BSD",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "CDDL-1.1",
          "EPL-1.0",
          "EPL-2.0");

  /** POMs name the same license in many ways; the first that fits counts. */
  private static final Map<Pattern, String> NAMES = new LinkedHashMap<>();

  static {
    NAMES.put(Pattern.compile("(?i).*apache.*"), "Apache-2.0");
    NAMES.put(Pattern.compile("(?i).*\\bCDDL\\b.*"), "CDDL-1.1");
    NAMES.put(Pattern.compile("(?i).*(LGPL|Lesser).*"), "LGPL-2.1");
    NAMES.put(Pattern.compile("(?i).*(GPL|General Public).*classpath.*"), "GPL-2.0-with-exception");
    NAMES.put(Pattern.compile("(?i).*(GPL|General Public).*"), "GPL-2.0");
    NAMES.put(Pattern.compile("(?i).*\\bMIT\\b.*"), "MIT");
    NAMES.put(Pattern.compile("(?i).*BSD.?2.*|.*2.clause.*BSD.*"), "BSD-2-Clause");
    NAMES.put(Pattern.compile("(?i).*BSD.?3.*|.*3.clause.*BSD.*"), "BSD-3-Clause");
    NAMES.put(Pattern.compile("(?i).*\\bBSD\\b.*"), "BSD");
    NAMES.put(Pattern.compile("(?i).*(EPL|Eclipse Public).*1.*"), "EPL-1.0");
    NAMES.put(Pattern.compile("(?i).*(EPL|Eclipse Public).*2.*"), "EPL-2.0");
  }

  /** The decoders of sound, under the LGPL, which no jar with everything inside holds. */
  private static final Set<String> NOT_SHADED =
      Set.of("org.jflac:jflac-codec", "com.badlogicgames.jlayer:jlayer", "org.jcraft:jorbis");

  private static final List<String> NOT_SHADED_PACKAGES =
      List.of("org/jflac/", "javazoom/", "com/jcraft/");

  /** A library, or something that is part of one. */
  private record Part(String name, String version, Set<String> licenses) {
    boolean isAllowed() {
      return licenses.stream().anyMatch(ALLOWED::contains);
    }
  }

  private static ObjectNode bill;
  private static List<Part> libraries;
  private static List<List<String>> natives;

  @BeforeAll
  static void read() throws IOException {
    bill = (ObjectNode) bill("jobs");
    libraries =
        StreamSupport.stream(bill.get("components").spliterator(), false)
            .filter(component -> !component.path("group").asText().equals(OWN_GROUP))
            .map(BillOfMaterialsCheck::part)
            .sorted((a, b) -> a.name().compareTo(b.name()))
            .toList();
    natives =
        Files.readAllLines(Path.of("../native/third-party.tsv")).stream()
            .filter(line -> !line.startsWith("#"))
            .skip(1)
            .map(line -> List.of(line.split("\t", -1)))
            .toList();
  }

  @Test
  void shouldListEachLibraryThatAPublishedJarBrings() throws IOException {
    for (String module : PUBLISHED) {
      Set<String> listed =
          StreamSupport.stream(bill(module).path("components").spliterator(), false)
              .map(
                  part ->
                      "%s:%s:%s"
                          .formatted(
                              text(part, "group"), text(part, "name"), text(part, "version")))
              .collect(Collectors.toCollection(TreeSet::new));
      Set<String> brought =
          DEPENDENCY
              .matcher(Files.readString(Path.of("..", module, "target/dependencies.txt")))
              .results()
              .map(found -> "%s:%s:%s".formatted(found.group(1), found.group(2), found.group(3)))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(brought).as(module).isNotEmpty();
      assertThat(listed).as(module).containsAll(brought);
    }
  }

  @Test
  void shouldAllowEachLicense() {
    assertThat(libraries)
        .isNotEmpty()
        .filteredOn(part -> !NOT_SHADED.contains(part.name()))
        .allMatch(Part::isAllowed);
    assertThat(natives).isNotEmpty().allMatch(row -> ALLOWED.contains(row.get(1)));
  }

  @Test
  void shouldKeepTheDecodersUnderTheLgplOutOfTheJarsWithEverythingInside() throws IOException {
    for (ShadedJar jar : List.of(ShadedJar.ofThisBuild(), sqlJar())) {
      assertThat(jar.entries())
          .as(jar.path().toString())
          .noneMatch(name -> NOT_SHADED_PACKAGES.stream().anyMatch(name::startsWith));
    }
  }

  @Test
  void shouldNoticeWhatTheNativesHold() throws IOException {
    String notice = Files.readString(NOTICE).replaceAll("\\s+", " ");
    for (List<String> part : natives) {
      assertThat(notice).contains(part.get(0), part.get(1));
    }
  }

  @Test
  void shouldListAllOnThePage() throws IOException {
    StringBuilder table =
        new StringBuilder("| Library | Version | License |\n| --- | --- | --- |\n");
    for (Part part : libraries) {
      table.append(row(part.name(), part.version(), String.join(" or ", part.licenses())));
    }
    StringBuilder nativesTable =
        new StringBuilder("| In the natives | License | Where |\n| --- | --- | --- |\n");
    natives.forEach(row -> nativesTable.append(row(row.get(0), row.get(1), row.get(2))));
    String page = Files.readString(PAGE);
    String expected = between(between(page, "libraries", table), "natives", nativesTable);
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, expected);
      return;
    }
    assertThat(page)
        .as("run this check with -Ddocs.write=true to bring %s up to date", PAGE)
        .isEqualTo(expected);
  }

  @Test
  void shouldLeaveOneBillOfEverything() throws IOException {
    ObjectNode all = bill.deepCopy();
    ArrayNode components = (ArrayNode) all.get("components");
    for (List<String> part : natives) {
      ObjectNode component = components.addObject();
      component
          .put("type", "library")
          .put("bom-ref", "natives/" + part.get(0))
          .put("name", part.get(0))
          .put("description", "In the native libraries: " + part.get(2));
      component.putArray("licenses").addObject().putObject("license").put("id", part.get(1));
    }
    Path target = Files.createDirectories(Path.of("../target")).resolve("bom.json");
    JSON.writerWithDefaultPrettyPrinter().writeValue(target.toFile(), all);

    assertThat(JSON.readTree(target.toFile()).get("components"))
        .hasSize(bill.get("components").size() + natives.size());
    assertThat(faults(all)).isEmpty();
  }

  @Test
  void shouldFollowTheSchemaOfCycloneDx() throws IOException {
    for (String module : PUBLISHED) {
      assertThat(faults(bill(module))).as(module).isEmpty();
    }
    ObjectNode misspelt = bill.deepCopy();
    misspelt.set("componets", misspelt.remove("components"));
    assertThat(faults(misspelt)).singleElement().asString().contains("componets");
  }

  private static ShadedJar sqlJar() throws IOException {
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(
            Path.of("../sql-connector/target"), "flink-sql-connector-executorch-*.jar")) {
      return new ShadedJar(jars.iterator().next());
    }
  }

  private static JsonNode bill(String module) throws IOException {
    return JSON.readTree(Path.of("..", module, "target/bom.json").toFile());
  }

  private static List<Error> faults(JsonNode bill) {
    return SCHEMA.validate(
        bill.toString(),
        InputFormat.JSON,
        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
  }

  private static Part part(JsonNode component) {
    Set<String> licenses = new TreeSet<>();
    for (JsonNode choice : component.path("licenses")) {
      String said =
          choice.has("expression")
              ? text(choice, "expression")
              : text(choice.path("license"), choice.path("license").has("id") ? "id" : "name");
      licenses.add(known(said));
    }
    return new Part(
        text(component, "group") + ":" + text(component, "name"),
        text(component, "version"),
        licenses);
  }

  private static String known(String license) {
    return NAMES.entrySet().stream()
        .filter(name -> name.getKey().matcher(license).matches())
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(license);
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText();
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String between(String page, String mark, CharSequence content) {
    String begin = "<!-- " + mark + " -->\n";
    String end = "<!-- /" + mark + " -->";
    List<String> around = new ArrayList<>();
    around.add(page.substring(0, page.indexOf(begin) + begin.length()));
    around.add(page.substring(page.indexOf(end)));
    return around.get(0) + content + around.get(1);
  }
}
