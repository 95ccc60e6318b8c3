package io.github.flinkexecutorch.jobs.gallery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The page of 10,000 images in a browser; it stays in target/gallery, with pictures of it. */
class GalleryITCase {
  private static final int IMAGES = 10_000;
  private static final Path FOLDER = Path.of("target/gallery");
  private static Chromium browser;
  private static Path page;

  @BeforeAll
  static void write() throws IOException {
    DrawnRun run = new DrawnRun(IMAGES);
    Files.createDirectories(FOLDER);
    Gallery.write(
        new org.apache.flink.core.fs.Path(FOLDER.toUri()), run.captions(), run.failures(), run.figures());
    page = FOLDER.resolve("gallery.html").toAbsolutePath();
    browser = new Chromium();
  }

  @AfterAll
  static void quit() {
    browser.close();
  }

  @BeforeEach
  void open() {
    browser.resize(1280, 900);
    browser.prefer("light");
    browser.open(page);
  }

  /** Whatever a test did, the page asked for nothing but itself and found no fault with itself. */
  @AfterEach
  void shouldKeepToItself() throws IOException {
    assertThat(browser.console()).isEmpty();
    assertThat(browser.requests()).containsOnly(page.toUri().toString());
  }

  @Test
  void shouldShowFigures() {
    Map<String, String> figures = figures();

    assertThat(figures)
        .containsEntry("Images", "10,000")
        .containsEntry("Captions", "9,80098 %")
        .containsEntry("Failures", "200")
        .containsEntry("Images per second", "11.1")
        .containsEntry("Run time", "15 min 0 s");
    assertThat(browser.texts("#options dd")).contains(DrawnRun.DIGEST, "32");
  }

  @Test
  void shouldDrawImagesPageByPage() {
    assertThat(browser.texts("#images .name")).isEqualTo(ids(0, 60));
    assertThat(loadedImages()).isEqualTo(59);
    assertThat(statusLine()).isEqualTo("10,000 images");

    browser.find(".pages button[aria-label='Next page']").click();
    assertThat(browser.texts("#images .name")).isEqualTo(ids(60, 120));
    assertThat(loadedImages()).isEqualTo(59);

    WebElement input = browser.find(".pages input");
    input.clear();
    input.sendKeys("167" + Keys.ENTER);
    assertThat(browser.texts("#images .name")).isEqualTo(ids(9960, 10_000));
    assertThat(browser.find(".pages button[aria-label='Next page']").isEnabled()).isFalse();
  }

  @Test
  void shouldFindEveryWordOfTheSearch() {
    browser.find("#query").sendKeys("PURPLE night");

    assertThat(browser.texts("#images .caption"))
        .hasSize(60)
        .allMatch(caption -> caption.contains("purple") && caption.contains("night"));
    assertThat(browser.texts("#images mark")).hasSize(120);
    assertThat(statusLine())
        .isEqualTo(
            count(i -> !DrawnRun.failed(i) && i % 5 == 4 && i % 7 == 0) + " of 10,000 images");

    browser.find("#query").sendKeys(" scene-00014.");
    assertThat(browser.texts("#images .name")).containsExactly(DrawnRun.id(14));

    browser.find("#query").sendKeys("x");
    assertThat(browser.find("#nothing").isDisplayed()).isTrue();
  }

  @Test
  void shouldListFailuresWithReasons() {
    choose("Failed");

    assertThat(statusLine()).isEqualTo("200 of 10,000 images");
    assertThat(browser.texts("#images .kind")).hasSize(60).allMatch(DrawnRun.KINDS::contains);
    assertThat(browser.texts("#images .message")).hasSize(60).noneMatch(String::isBlank);

    choose("FETCH_FAILED");
    assertThat(statusLine()).isEqualTo("66 of 10,000 images");
    assertThat(browser.texts("#images .message"))
        .allMatch(message -> message.startsWith("No such file: archive/2026/"));
  }

  @Test
  void shouldFilterByFinishReason() {
    choose("length");

    assertThat(browser.texts("#images .stats")).hasSize(60).allMatch(text -> text.endsWith("length"));
    assertThat(statusLine()).isEqualTo("250 of 10,000 images");

    choose("Captioned");
    assertThat(statusLine()).isEqualTo("9,800 of 10,000 images");
  }

  @ParameterizedTest
  @CsvSource({
    "Slowest first, 849 ms",
    "Fastest first, 150 ms",
    "Most tokens first, 32 tokens",
    "Fewest tokens first, 14 tokens"
  })
  void shouldSort(String order, String first) {
    sortBy(order);

    assertThat(browser.texts("#images .stats").get(0)).contains(first);
    browser.find(".pages input").sendKeys(Keys.CONTROL + "a");
    browser.find(".pages input").sendKeys("167" + Keys.ENTER);
    assertThat(browser.texts("#images .kind")).hasSize(40);

    sortBy("Name");
    assertThat(browser.texts("#images .name")).isEqualTo(ids(0, 60));
  }

  @Test
  void shouldOpenDetailsByKeyboard() {
    browser.find("#images .thumb").sendKeys(Keys.ENTER);
    assertThat(browser.find("#details").isDisplayed()).isTrue();
    assertThat(browser.find("#details-name").getText()).isEqualTo(ids(0, 1).get(0));
    assertThat(browser.texts("#details dd")).contains("72", "stop", "640 × 480 pixels");

    browser.find("#next-image").sendKeys(Keys.ARROW_RIGHT);
    assertThat(browser.find("#details-name").getText()).isEqualTo(ids(0, 2).get(1));

    browser.find("#next-image").sendKeys(Keys.ESCAPE);
    assertThat(browser.find("#details").isDisplayed()).isFalse();
    assertThat(browser.run("return document.activeElement.className")).isEqualTo("thumb");
  }

  @Test
  void shouldReachSearchBySlash() {
    browser.find("body").sendKeys("/");

    assertThat(browser.run("return document.activeElement.id")).isEqualTo("query");
    assertThat(browser.find("#query").getDomProperty("value")).isEmpty();
  }

  @Test
  void shouldDrawThroughput() {
    WebElement chart = browser.find("#chart svg");

    assertThat(chart.getDomAttribute("role")).isEqualTo("img");
    assertThat(chart.getDomAttribute("aria-label"))
        .startsWith("Images per second over 15 min 0 s: 11.1 on average");
    assertThat(browser.find("#chart .rate").getDomAttribute("d")).startsWith("M40,");
  }

  @Test
  void shouldFollowTheSystemUntilSwitched() {
    assertThat(background()).isEqualTo("rgb(245, 246, 248)");
    browser.prefer("dark");
    assertThat(background()).isEqualTo("rgb(18, 21, 25)");
    assertThat(browser.find("#theme").getDomAttribute("aria-checked")).isEqualTo("true");

    browser.find("#theme").click();
    assertThat(background()).isEqualTo("rgb(245, 246, 248)");
    browser.open(page);
    assertThat(background()).isEqualTo("rgb(245, 246, 248)");
    browser.run("localStorage.clear()");
  }

  @ParameterizedTest
  @CsvSource({"1280, light", "1280, dark", "400, light", "400, dark"})
  void shouldFitTheWindow(int width, String colorScheme) throws IOException {
    browser.resize(width, 900);
    browser.prefer(colorScheme);

    assertThat((Long) browser.run("return document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(width);
    browser.screenshot(FOLDER.resolve(colorScheme + "-" + width + ".png"));
    choose("Failed");
    browser.run("document.getElementById('filters').scrollIntoView()");
    browser.screenshot(FOLDER.resolve(colorScheme + "-" + width + "-failed.png"));
    browser.find("#images .thumb").click();
    browser.screenshot(FOLDER.resolve(colorScheme + "-" + width + "-details.png"));
  }

  /** WCAG asks 4.5 of text; the page has no text large enough for less. */
  @ParameterizedTest
  @CsvSource({"light", "dark"})
  void shouldHaveContrast(String colorScheme) throws IOException {
    browser.prefer(colorScheme);
    choose("Failed");

    Object tooFaint = browser.run(resource("contrast.js") + "return tooFaint(4.5)");

    assertThat((List<?>) tooFaint).isEmpty();
  }

  @Test
  void shouldNameEveryControl() {
    SoftAssertions softly = new SoftAssertions();
    for (WebElement control : browser.all("button, input, select, nav, ol, dialog, svg[role=img]")) {
      if (control.isDisplayed()) {
        softly.assertThat(control.getAccessibleName()).as(control.toString()).isNotBlank();
      }
    }
    softly.assertAll();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = GalleryITCase.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static void choose(String filter) {
    browser.all(".chip").stream()
        .filter(chip -> chip.findElement(By.tagName("span")).getText().equals(filter))
        .findFirst()
        .orElseThrow()
        .click();
  }

  private static void sortBy(String order) {
    browser.all("#sort option").stream()
        .filter(option -> option.getText().equals(order))
        .findFirst()
        .orElseThrow()
        .click();
  }

  private static Map<String, String> figures() {
    List<String> names = browser.texts("#figures dt");
    List<String> values = browser.texts("#figures dd");
    return IntStream.range(0, names.size())
        .boxed()
        .collect(Collectors.toMap(names::get, values::get));
  }

  private static String statusLine() {
    return browser.find(".pages p").getText();
  }

  private static String background() {
    return (String) browser.run("return getComputedStyle(document.body).backgroundColor");
  }

  /** How many of the shown images have been decoded. */
  private static long loadedImages() {
    return (Long)
        browser.run(
            """
            const images = [...document.querySelectorAll('#images img')];
            return Promise.all(images.map(image => image.decode()))
              .then(() => images.filter(image => image.naturalWidth === 160).length)""");
  }

  /** The ids of the drawn images in their order, from one place to before another. */
  private static List<String> ids(int from, int to) {
    return IntStream.range(0, IMAGES).mapToObj(DrawnRun::id).sorted().skip(from).limit(to - from).toList();
  }

  private static long count(IntPredicate wanted) {
    return IntStream.range(0, IMAGES).filter(wanted).count();
  }
}
