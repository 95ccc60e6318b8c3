package io.github.flinkexecutorch.llm.chat;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Renders a conversation to the prompt a model was trained on, by the template that comes with its
 * tokenizer: what {@code apply_chat_template} of transformers gives, without tokenizing.
 *
 * <p>Templates are in the language of Jinja2, run by an interpreter of that language's sandbox:
 * nothing of Java, no file and no clock can be reached, and {@link ChatLimits} bound what a
 * template uses up. Immutable; any thread may render.
 */
public final class ChatTemplate {
  private final Map<String, Statement> templates;
  private final Map<String, String> specialTokens;
  private final ChatLimits limits;

  private ChatTemplate(
      Map<String, Statement> templates, Map<String, String> specialTokens, ChatLimits limits) {
    this.templates = templates;
    this.specialTokens = specialTokens;
    this.limits = limits;
  }

  /**
   * Reads the template of a model.
   *
   * @param path the folder of the tokenizer, or a file in it. The template is {@code
   *     chat_template.jinja} (others in {@code additional_chat_templates/}), else that of {@code
   *     chat_template.json}, else that of {@code tokenizer_config.json}, where it is one or a list
   *     of named ones: {@code default}, and {@code tool_use} for requests with tools. Special
   *     tokens come from {@code tokenizer_config.json} and {@code special_tokens_map.json}
   * @throws InvalidModelException if there is none, or one that does not parse
   */
  public static ChatTemplate load(Path path) {
    return load(path, ChatLimits.DEFAULT);
  }

  /** The same with limits of one's own. */
  public static ChatTemplate load(Path path, ChatLimits limits) {
    return of(TemplateFiles.read(path, limits), limits);
  }

  /**
   * Reads another template than the one that comes with a model.
   *
   * @param tokenizer the folder of the tokenizer, or a file in it; it names the special tokens
   * @param template the file of the template
   * @throws InvalidModelException if it cannot be read or does not parse
   */
  public static ChatTemplate load(Path tokenizer, Path template) {
    return of(TemplateFiles.read(tokenizer, template, ChatLimits.DEFAULT), ChatLimits.DEFAULT);
  }

  private static ChatTemplate of(TemplateFiles files, ChatLimits limits) {
    Map<String, Statement> templates = new LinkedHashMap<>();
    files
        .templates()
        .forEach((name, source) -> templates.put(name, parse(source, files.origin(), limits)));
    return new ChatTemplate(templates, files.specialTokens(), limits);
  }

  /**
   * A template given as text.
   *
   * @throws InvalidModelException if it does not parse
   */
  public static ChatTemplate of(String source, String bosToken, String eosToken) {
    return of(source, Map.of("bos_token", bosToken, "eos_token", eosToken), ChatLimits.DEFAULT);
  }

  /** The same with any special tokens by their names, and limits of one's own. */
  public static ChatTemplate of(
      String source, Map<String, String> specialTokens, ChatLimits limits) {
    Statement template = parse(source, "given as text", limits);
    return new ChatTemplate(
        Map.of(TemplateFiles.DEFAULT, template), Map.copyOf(specialTokens), limits);
  }

  private static Statement parse(String source, String origin, ChatLimits limits) {
    if (source.length() > limits.maxSourceChars()) {
      throw new InvalidModelException(
          "The chat template "
              + origin
              + " has "
              + source.length()
              + " characters, the limit is "
              + limits.maxSourceChars());
    }
    try {
      return TemplateParser.parse(source, limits.maxDepth());
    } catch (TemplateSyntaxException e) {
      throw unparsable(origin, "line " + e.line() + ": " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      throw unparsable(origin, "it is nested too deep for the stack of this thread", e);
    }
  }

  private static InvalidModelException unparsable(String origin, String why, Throwable cause) {
    return new InvalidModelException(
        "The chat template " + origin + " cannot be parsed, " + why, cause);
  }

  /**
   * The prompt as one text. A message that spells a special token gives that token, unless {@link
   * #renderParts} is used instead.
   *
   * @throws InvalidRequestException with {@link Reason#TEMPLATE} if the template refuses the
   *     conversation, cannot cope with it, or reaches a limit; the message holds nothing of it
   */
  public String render(List<ChatMessage> messages, ChatOptions options) {
    return text(messages, options).value();
  }

  /**
   * The prompt in parts, to encode it so that no message can spell a special token: such a token is
   * meant only where all its characters lie in parts that the template wrote. What is between two
   * special tokens is to be encoded as one ordinary text, parts joined, as the model was trained.
   *
   * <p>What comes with the request is content: messages, tools, documents and variables, whatever
   * filters they go through. The roles that templates know ({@code system, developer, user,
   * assistant, model, tool, function, ipython}) are not, since templates build tokens from them.
   *
   * @return the parts in order, none empty, neighbors of different kinds
   * @throws InvalidRequestException as {@link #render} does
   */
  public List<PromptPart> renderParts(List<ChatMessage> messages, ChatOptions options) {
    return text(messages, options).parts();
  }

  private Text text(List<ChatMessage> messages, ChatOptions options) {
    boolean withTools = options.tools() != null && templates.containsKey(TemplateFiles.TOOL_USE);
    Statement template = templates.get(withTools ? TemplateFiles.TOOL_USE : TemplateFiles.DEFAULT);
    if (template == null) {
      throw refused("it has no template for conversations without tools");
    }
    FinalMessage open = options.continueFinalMessage() ? FinalMessage.of(messages) : null;
    Render render = new Render(new Budget(limits));
    Scope scope = new Scope(render, variables(open == null ? messages : open.tagged(), options));
    try {
      template.run(scope);
      Text rendered = render.output();
      return open == null ? rendered : open.cut(rendered);
    } catch (RaisedException e) {
      throw refused("it raised: " + e.getMessage());
    } catch (TemplateException e) {
      throw refused("line " + render.line() + ": " + e.getMessage());
    } catch (StackOverflowError e) {
      throw refused(
          "line " + render.line() + ": it is nested too deep for the stack of this thread");
    }
  }

  private Map<String, Object> variables(List<ChatMessage> messages, ChatOptions options) {
    Map<String, Object> variables = new HashMap<>();
    specialTokens.forEach((name, token) -> variables.put(name, Text.written(token)));
    options.variables().forEach((name, value) -> variables.put(name, Data.value(value)));
    variables.put(
        "messages",
        messages.stream()
            .map(message -> Data.message(message.fields()))
            .collect(Collectors.toList()));
    variables.put("tools", Data.value(options.tools()));
    variables.put("documents", Data.value(options.documents()));
    variables.put("add_generation_prompt", options.addGenerationPrompt());
    if (options.now() != null) {
      variables.put("strftime_now", new Moment(options.now()));
    }
    return variables;
  }

  static InvalidRequestException refused(String why) {
    return new InvalidRequestException(
        Reason.TEMPLATE,
        "The chat template of the model cannot render the conversation, "
            + why
            + ". Check roles, order and content of the messages against the template");
  }
}
