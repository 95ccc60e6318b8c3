package io.github.flinkexecutorch.jobs.gallery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every text of the records and of the run tries to be more than text. */
class HostileNamesITCase {
  private static final List<String> HOSTILE =
      List.of(
          "</script><script>window.hacked = 1</script>",
          "</SCRIPT ><img src=x onerror='window.hacked=1'>",
          "<!--<script>",
          "-->]]></script>",
          "\"><svg onload=\"window.hacked=1\">",
          "' onfocus='window.hacked=1' autofocus='",
          "javascript:window.hacked=1",
          "{{rows}}{{policy}}",
          "__proto__",
          "constructor",
          "<img src=http://example.invalid/x.png>",
          "url(http://example.invalid/x.css)",
          "</title></style><style>*{display:none}</style>",
          "../../../etc/passwd",
          "\u202egnp.exe",
          "zero\u0000byte \u2028 \ud83d\ude00 \u007f",
          "&lt;b&gt; &amp; \\u003cb\\u003e");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void shouldBeTexts() throws IOException {
    Map<String, String> options =
        HOSTILE.stream().collect(Collectors.toMap(text -> text, text -> text));
    Gallery.write(
        new org.apache.flink.core.fs.Path(folder.toUri()),
        HOSTILE.stream().map(HostileNamesITCase::caption),
        HOSTILE.stream().map(HostileNamesITCase::failure),
        new RunFigures(String.join(" ", HOSTILE), 1, 1, 1, options, List.of()));
    Path page = folder.resolve("gallery.html");

    try (Chromium browser = new Chromium()) {
      browser.open(page);

      assertThat(browser.texts("#images .caption")).containsExactlyInAnyOrderElementsOf(HOSTILE);
      assertThat(browser.texts("#images .message")).containsExactlyInAnyOrderElementsOf(HOSTILE);
      assertThat(browser.texts("#images .kind")).containsExactlyInAnyOrderElementsOf(HOSTILE);
      assertThat(browser.texts("#options dd")).containsAll(HOSTILE);
      assertThat(browser.texts("#images .name")).containsAll(HOSTILE);
      // HTML drops the character zero.
      assertThat(browser.texts("h1"))
          .containsExactly(String.join(" ", HOSTILE).replace("\u0000", ""));
      for (int i = 0; i < 2 * HOSTILE.size(); i++) {
        browser.all("#images .thumb").get(i).click();
        browser.find("#close").click();
      }
      for (String text : HOSTILE) {
        browser.run("document.querySelector('#query').value = arguments[0]", text);
        browser.run("document.querySelector('#query').dispatchEvent(new Event('input'))");
        assertThat(browser.texts("#images .name")).as(text).isNotEmpty();
      }
      assertThat(browser.run("return window.hacked")).isNull();
      assertThat(browser.console()).isEmpty();
      assertThat(browser.requests()).containsOnly(page.toUri().toString());
    }
  }

  private static String caption(String text) {
    return DrawnRun.text(
        JSON.createObjectNode()
            .put("id", text)
            .put("image", "image of " + text)
            .put("caption", text)
            .put("finish_reason", text)
            .put("prompt_tokens", text)
            .put("generated_tokens", text)
            .put("model_digest", text)
            .put("queue_ms", text)
            .put("inference_ms", text)
            .put("width", text)
            .put("height", text)
            .put("thumbnail", text));
  }

  private static String failure(String text) {
    return DrawnRun.text(
        JSON.createObjectNode()
            .put("id", "failed " + text)
            .put("image", text)
            .put("kind", text)
            .put("message", text)
            .put("stage", text)
            .put("thumbnail", "AAAA"));
  }

  /**
   * What the policy is for: even markup that came into the page could run nothing and load nothing.
   */
  @Test
  void shouldRunNoScriptButItsOwn() throws IOException {
    Gallery.write(
        new org.apache.flink.core.fs.Path(folder.toUri()),
        Stream.empty(),
        Stream.empty(),
        new RunFigures("Empty", 0, 0, 0, Map.of(), List.of()));

    try (Chromium browser = new Chromium()) {
      browser.open(folder.resolve("gallery.html"));
      assertThat(browser.console()).isEmpty();
      assertThat(browser.find("#nothing").isDisplayed()).isTrue();

      browser.run(
          "document.body.insertAdjacentHTML('beforeend', arguments[0])",
          "<img src='http://example.invalid/x.png' onerror='window.hacked=1'>"
              + "<link rel='stylesheet' href='http://example.invalid/x.css'>");

      assertThat(browser.console())
          .isNotEmpty()
          .allMatch(line -> line.contains("Content Security Policy"));
      assertThat(browser.run("return window.hacked")).isNull();
    }
  }
}
