package io.github.flinkexecutorch.jobs.gallery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A browser without a window, that bin/prerequisites has installed; it fails to start where it is
 * missing.
 */
final class Chromium implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final ChromeDriver driver;

  Chromium() {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(onPath("chromium"));
    // No sandbox, because root has none; no host is known, so that a page that asks for one fails.
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(onPath("chromedriver"))
                .withTimeout(START_LIMIT)
                .build(),
            options);
  }

  private static File onPath(String program) {
    return Pattern.compile(File.pathSeparator)
        .splitAsStream(System.getenv("PATH"))
        .map(folder -> new File(folder, program))
        .filter(File::canExecute)
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("No " + program + ": run bin/prerequisites tests"));
  }

  void open(Path page) {
    driver.get(page.toUri().toString());
  }

  /** A width and height in CSS pixels, as of a window of that size. */
  void resize(int width, int height) {
    Map<String, Object> metrics =
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false);
    driver.executeCdpCommand("Emulation.setDeviceMetricsOverride", metrics);
  }

  /** What the system is said to prefer: light or dark. The page is told with its next frame. */
  void prefer(String colorScheme) {
    Map<String, Object> feature = Map.of("name", "prefers-color-scheme", "value", colorScheme);
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
    run("return new Promise(requestAnimationFrame)");
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  List<String> texts(String css) {
    Object texts =
        run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", css);
    return ((List<?>) texts).stream().map(String.class::cast).toList();
  }

  Object run(String script, Object... arguments) {
    return ((JavascriptExecutor) driver).executeScript(script, arguments);
  }

  /** What the console says since the last call: errors of the script and of the policy too. */
  List<String> console() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  /** The addresses of everything that was asked for since the last call, but for data: ones. */
  List<String> requests() throws IOException {
    List<String> addresses = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode message = JSON.readTree(entry.getMessage()).path("message");
      if (message.path("method").asText().equals("Network.requestWillBeSent")) {
        String address = message.at("/params/request/url").asText();
        if (!address.startsWith("data:")) {
          addresses.add(address);
        }
      }
    }
    return addresses;
  }

  void screenshot(Path file) throws IOException {
    Map<String, Object> answer = driver.executeCdpCommand("Page.captureScreenshot", Map.of());
    Files.write(file, Base64.getDecoder().decode((String) answer.get("data")));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
