package io.github.flinkexecutorch.llm.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.ProcessMemory;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/** Writes generations: their text while it grows, or one JSON object at the end of each. */
final class ResultWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double BYTES_PER_MIB = 1024 * 1024;

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean json;
  private final boolean stats;

  ResultWriter(PrintWriter out, PrintWriter err, boolean json, boolean stats) {
    this.out = out;
    this.err = err;
    this.json = json;
    this.stats = stats;
  }

  /** A piece of text was generated. */
  void piece(String text) {
    if (!json) {
      out.print(text);
      out.flush();
    }
  }

  /** A generation is over. */
  void end(GenerationResult result) {
    out.println(json ? object(result) : "");
    out.flush();
    if (stats && !json) {
      err.println(result.stats().report());
      err.printf(
          Locale.ROOT,
          "RSS after finishing text generation: %f MiB (0 if unsupported)%n",
          ProcessMemory.rssBytes() / BYTES_PER_MIB);
      err.flush();
    }
  }

  private static String object(GenerationResult result) {
    ObjectNode object = JSON.createObjectNode();
    object.put("text", result.text());
    object.set("tokens", JSON.valueToTree(result.tokens()));
    if (!result.logprobs().isEmpty()) {
      object.set("logprobs", JSON.valueToTree(result.logprobs()));
    }
    object.put("finish_reason", result.finishReason().name().toLowerCase(Locale.ROOT));
    object.putRawValue("stats", new RawValue(result.stats().toJson()));
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
