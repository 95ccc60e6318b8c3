package io.github.flinkexecutorch.llm.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sources of a model's chat templates by name, and its special tokens.
 *
 * @param origin the file, for messages
 */
record TemplateFiles(
    Map<String, String> templates, Map<String, String> specialTokens, String origin) {
  static final String DEFAULT = "default";
  static final String TOOL_USE = "tool_use";

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String FIELD = "chat_template";

  /** A configuration can list the added tokens of a whole vocabulary. */
  private static final long MAX_JSON_BYTES = 64 << 20;

  private static final List<String> TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  static TemplateFiles read(Path path, ChatLimits limits) {
    Path folder = folderOf(path);
    JsonNode config = json(folder.resolve("tokenizer_config.json"));
    Map<String, String> tokens = specialTokens(folder, config);
    Path jinja = folder.resolve("chat_template.jinja");
    if (Files.exists(jinja)) {
      return new TemplateFiles(sources(folder, jinja, limits), tokens, jinja.toString());
    }
    Path json = folder.resolve("chat_template.json");
    JsonNode processor = json(json).path(FIELD);
    if (!processor.isMissingNode() && !processor.isNull()) {
      return new TemplateFiles(sources(json, processor), tokens, json.toString());
    }
    Path configFile = folder.resolve("tokenizer_config.json");
    JsonNode template = config.path(FIELD);
    if (template.isMissingNode() || template.isNull()) {
      throw new InvalidModelException(
          "There is no chat template in "
              + folder
              + ": neither chat_template.jinja nor chat_template.json nor a chat_template in"
              + " tokenizer_config.json. Add the one of the model, or pass it as text");
    }
    return new TemplateFiles(sources(configFile, template), tokens, configFile.toString());
  }

  /** One template in a file of its own, with the special tokens of a tokenizer. */
  static TemplateFiles read(Path tokenizer, Path template, ChatLimits limits) {
    Path folder = folderOf(tokenizer);
    return new TemplateFiles(
        Map.of(DEFAULT, text(template, 3L * limits.maxSourceChars())),
        specialTokens(folder, json(folder.resolve("tokenizer_config.json"))),
        template.toString());
  }

  private static Path folderOf(Path path) {
    return Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
  }

  private static Map<String, String> specialTokens(Path folder, JsonNode config) {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (JsonNode named : List.of(config, json(folder.resolve("special_tokens_map.json")))) {
      for (String name : TOKENS) {
        JsonNode token =
            named.path(name).isObject() ? named.path(name).path("content") : named.path(name);
        if (token.isTextual()) {
          tokens.putIfAbsent(name, token.asText());
        }
      }
    }
    return tokens;
  }

  private static Map<String, String> sources(Path folder, Path jinja, ChatLimits limits) {
    Map<String, String> sources = new LinkedHashMap<>();
    // three bytes are the most that UTF-8 takes for a char
    sources.put(DEFAULT, text(jinja, 3L * limits.maxSourceChars()));
    Path others = folder.resolve("additional_chat_templates");
    if (Files.isDirectory(others)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(others, "*.jinja")) {
        for (Path file : files) {
          String name = file.getFileName().toString().replaceFirst("\\.jinja$", "");
          sources.put(name, text(file, 3L * limits.maxSourceChars()));
        }
      } catch (IOException e) {
        throw unusable(others, e.toString(), e);
      }
    }
    return sources;
  }

  /** One template, or named ones: a list of objects with name and template, or an object. */
  private static Map<String, String> sources(Path file, JsonNode field) {
    Map<String, String> sources = new LinkedHashMap<>();
    if (field.isTextual()) {
      sources.put(DEFAULT, field.asText());
    }
    for (JsonNode named : field) {
      if (field.isArray()) {
        sources.put(named.path("name").asText(), named.path("template").asText());
      }
    }
    if (!sources.containsKey(DEFAULT) && !sources.containsKey(TOOL_USE)) {
      throw unusable(file, "its chat_template is neither text nor a list with a default", null);
    }
    return sources;
  }

  private static JsonNode json(Path file) {
    if (!Files.exists(file)) {
      return MissingNode.getInstance();
    }
    try {
      return MAPPER.readTree(text(file, MAX_JSON_BYTES));
    } catch (IOException e) {
      throw unusable(file, "it is not JSON", e);
    }
  }

  private static String text(Path file, long maxBytes) {
    try {
      if (Files.size(file) > maxBytes) {
        throw unusable(file, "it is larger than " + maxBytes + " bytes", null);
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unusable(file, e.toString(), e);
    }
  }

  private static InvalidModelException unusable(Path file, String why, Throwable cause) {
    return new InvalidModelException(
        "The chat template of " + file + " is unusable: " + why, cause);
  }
}
