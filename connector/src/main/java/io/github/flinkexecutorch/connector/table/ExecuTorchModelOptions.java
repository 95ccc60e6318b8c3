package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import java.util.Arrays;
import java.util.Set;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;

/**
 * Options of {@code CREATE MODEL ... WITH (...)} that {@link ExecuTorchOptions} does not have.
 * Those that mean the same as one of its have the names of Flink's other model providers.
 */
@PublicEvolving
public final class ExecuTorchModelOptions {
  private static final String ANY_OBJECT = "{\"type\":\"object\"}";

  public static final ConfigOption<Float> TEMPERATURE =
      ConfigOptions.key("temperature")
          .floatType()
          .noDefaultValue()
          .withDescription(sameAs(ExecuTorchOptions.TEMPERATURE));

  public static final ConfigOption<Float> TOP_P =
      ConfigOptions.key("top-p")
          .floatType()
          .noDefaultValue()
          .withDescription(sameAs(ExecuTorchOptions.TOP_P));

  public static final ConfigOption<Integer> MAX_TOKENS =
      ConfigOptions.key("max-tokens")
          .intType()
          .noDefaultValue()
          .withDescription(sameAs(ExecuTorchOptions.MAX_NEW_TOKENS));

  public static final ConfigOption<String> STOP =
      ConfigOptions.key("stop")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The texts of " + ExecuTorchOptions.STOP.key() + ", with commas between them.");

  public static final ConfigOption<Float> PRESENCE_PENALTY =
      ConfigOptions.key("presence-penalty")
          .floatType()
          .noDefaultValue()
          .withDescription(sameAs(ExecuTorchOptions.PRESENCE_PENALTY));

  public static final ConfigOption<Long> SEED =
      ConfigOptions.key("seed")
          .longType()
          .noDefaultValue()
          .withDescription(sameAs(ExecuTorchOptions.SEED));

  public static final ConfigOption<String> SYSTEM_PROMPT =
      ConfigOptions.key("system-prompt")
          .stringType()
          .noDefaultValue()
          .withDescription(sameAs(ExecuTorchOptions.SYSTEM_PROMPT));

  public static final ConfigOption<ContextOverflowAction> CONTEXT_OVERFLOW_ACTION =
      ConfigOptions.key("context-overflow-action")
          .enumType(ContextOverflowAction.class)
          .noDefaultValue()
          .withDescription(
              sameAs(ExecuTorchOptions.CONTEXT_OVERFLOW)
                  + " skipped drops the row; with -log, the log tells of each.");

  public static final ConfigOption<ErrorHandlingStrategy> ERROR_HANDLING_STRATEGY =
      ConfigOptions.key("error-handling-strategy")
          .enumType(ErrorHandlingStrategy.class)
          .noDefaultValue()
          .withDescription(
              "What happens to a row that failed. If not set, IGNORE for a model with an output"
                  + " column for errors, and FAILOVER for others.");

  public static final ConfigOption<RetryFallbackStrategy> RETRY_FALLBACK_STRATEGY =
      ConfigOptions.key("retry-fallback-strategy")
          .enumType(RetryFallbackStrategy.class)
          .noDefaultValue()
          .withDescription(
              "What happens to a row that failed, where error-handling-strategy is RETRY or not"
                  + " set. If not set, FAILOVER for RETRY.");

  public static final ConfigOption<Integer> RETRY_NUM =
      ConfigOptions.key("retry-num")
          .intType()
          .noDefaultValue()
          .withDescription(ExecuTorchOptions.RETRY_MAX_ATTEMPTS.key() + " without the first try.");

  public static final ConfigOption<ResponseFormat> RESPONSE_FORMAT =
      ConfigOptions.key("response-format")
          .enumType(ResponseFormat.class)
          .noDefaultValue()
          .withDescription(
              "json_object is the same as "
                  + ExecuTorchOptions.JSON_SCHEMA.key()
                  + " = "
                  + ANY_OBJECT
                  + ", text as no grammar.");

  /** Options of the operator that say something about a model in SQL too. */
  static final Set<ConfigOption<?>> OF_THE_OPERATOR =
      Set.of(
          ExecuTorchOptions.MODEL_PATH,
          ExecuTorchOptions.MODEL_DATA_FILES,
          ExecuTorchOptions.MODEL_LOAD_MODE,
          ExecuTorchOptions.MODEL_CACHE_DIRECTORY,
          ExecuTorchOptions.MODEL_CACHE_RETENTION,
          ExecuTorchOptions.MODEL_THREADING,
          ExecuTorchOptions.MODEL_POOL_THREADS,
          ExecuTorchOptions.XNNPACK_WEIGHT_CACHE,
          ExecuTorchOptions.XNNPACK_WORKSPACE_SHARING,
          ExecuTorchOptions.ENGINE_SHARING,
          ExecuTorchOptions.ENGINE_MAX_SEQUENCES,
          ExecuTorchOptions.ENGINE_MAX_STEP_TOKENS,
          ExecuTorchOptions.ENGINE_KV_CACHE_SIZE,
          ExecuTorchOptions.ENGINE_PAGE_TOKENS,
          ExecuTorchOptions.ENGINE_KV_TYPE,
          ExecuTorchOptions.ENGINE_PREFIX_CACHE,
          ExecuTorchOptions.ENGINE_IMAGE_CACHE_SIZE,
          ExecuTorchOptions.ENGINE_MEMORY_LIMIT,
          ExecuTorchOptions.ENGINE_PACKED_WEIGHT_CACHE,
          ExecuTorchOptions.PROFILE_STEP,
          ExecuTorchOptions.PROFILE_DIRECTORY,
          ExecuTorchOptions.TOKENIZER_PATH,
          ExecuTorchOptions.TEMPERATURE,
          ExecuTorchOptions.TOP_P,
          ExecuTorchOptions.TOP_K,
          ExecuTorchOptions.MAX_NEW_TOKENS,
          ExecuTorchOptions.MAX_COMPLETION_SIZE,
          ExecuTorchOptions.STOP,
          ExecuTorchOptions.PRESENCE_PENALTY,
          ExecuTorchOptions.FREQUENCY_PENALTY,
          ExecuTorchOptions.REPETITION_PENALTY,
          ExecuTorchOptions.IGNORE_EOS,
          ExecuTorchOptions.STOP_TOKEN_IDS,
          ExecuTorchOptions.JSON_SCHEMA,
          ExecuTorchOptions.REGEX,
          ExecuTorchOptions.SEED,
          ExecuTorchOptions.TIME_LIMIT,
          ExecuTorchOptions.CRASH_JOURNAL_FOLDER,
          ExecuTorchOptions.CACHE_MAX_BYTES,
          ExecuTorchOptions.RETRY_MAX_ATTEMPTS,
          ExecuTorchOptions.RATE,
          ExecuTorchOptions.WARM_UP,
          ExecuTorchOptions.MEMORY_CHECK,
          ExecuTorchOptions.PROMPT_TEMPLATE,
          ExecuTorchOptions.CHAT,
          ExecuTorchOptions.SYSTEM_PROMPT,
          ExecuTorchOptions.CHAT_TEMPLATE,
          ExecuTorchOptions.CONTEXT_OVERFLOW,
          ExecuTorchOptions.ALLOW_SPECIAL_TOKENS,
          ExecuTorchOptions.MAX_RECORD_SIZE,
          ExecuTorchOptions.IMAGE_FIELDS,
          ExecuTorchOptions.IMAGE_PROMPT,
          ExecuTorchOptions.IMAGE_MARKER,
          ExecuTorchOptions.IMAGE_ROOTS,
          ExecuTorchOptions.IMAGE_URLS,
          ExecuTorchOptions.IMAGE_URL_HOSTS,
          ExecuTorchOptions.IMAGE_FETCH_TIMEOUT,
          ExecuTorchOptions.IMAGE_MAX_BYTES,
          ExecuTorchOptions.IMAGE_MAX_PIXELS,
          ExecuTorchOptions.IMAGE_MAX_DECODED_PIXELS,
          ExecuTorchOptions.IMAGE_PREPROCESSOR);

  /** Those of this class. */
  static final Set<ConfigOption<?>> OWN =
      Set.of(
          TEMPERATURE,
          TOP_P,
          MAX_TOKENS,
          STOP,
          PRESENCE_PENALTY,
          SEED,
          SYSTEM_PROMPT,
          CONTEXT_OVERFLOW_ACTION,
          ERROR_HANDLING_STRATEGY,
          RETRY_FALLBACK_STRATEGY,
          RETRY_NUM,
          RESPONSE_FORMAT);

  private ExecuTorchModelOptions() {}

  /**
   * The options of a model under the names that the operator knows.
   *
   * @throws IllegalArgumentException if one is given by both of its names, or out of its range
   */
  static Configuration forTheOperator(Configuration model) {
    Configuration options = new Configuration(model);
    rename(options, TEMPERATURE, ExecuTorchOptions.TEMPERATURE);
    rename(options, TOP_P, ExecuTorchOptions.TOP_P);
    rename(options, MAX_TOKENS, ExecuTorchOptions.MAX_NEW_TOKENS);
    rename(options, PRESENCE_PENALTY, ExecuTorchOptions.PRESENCE_PENALTY);
    rename(options, SEED, ExecuTorchOptions.SEED);
    rename(options, SYSTEM_PROMPT, ExecuTorchOptions.SYSTEM_PROMPT);
    requireOne(options, CONTEXT_OVERFLOW_ACTION, ExecuTorchOptions.CONTEXT_OVERFLOW);
    options
        .getOptional(CONTEXT_OVERFLOW_ACTION)
        .ifPresent(action -> options.set(ExecuTorchOptions.CONTEXT_OVERFLOW, action.meaning()));
    requireOne(options, STOP, ExecuTorchOptions.STOP);
    options
        .getOptional(STOP)
        .ifPresent(
            texts -> options.set(ExecuTorchOptions.STOP, Arrays.asList(texts.split(",", -1))));
    requireOne(options, RETRY_NUM, ExecuTorchOptions.RETRY_MAX_ATTEMPTS);
    options
        .getOptional(RETRY_NUM)
        .ifPresent(number -> options.set(ExecuTorchOptions.RETRY_MAX_ATTEMPTS, tries(number)));
    requireOne(options, RESPONSE_FORMAT, ExecuTorchOptions.JSON_SCHEMA);
    requireOne(options, RESPONSE_FORMAT, ExecuTorchOptions.REGEX);
    if (options.getOptional(RESPONSE_FORMAT).orElse(null) == ResponseFormat.JSON_OBJECT) {
      options.set(ExecuTorchOptions.JSON_SCHEMA, ANY_OBJECT);
    }
    return options;
  }

  private static int tries(int retries) {
    if (retries < 0) {
      throw new IllegalArgumentException(
          "Option " + RETRY_NUM.key() + " must be >= 0 (0 for no retry), got " + retries + ".");
    }
    return (int) Math.min(Integer.MAX_VALUE, retries + 1L);
  }

  private static <T> void rename(
      Configuration options, ConfigOption<T> name, ConfigOption<T> operators) {
    requireOne(options, name, operators);
    options.getOptional(name).ifPresent(value -> options.set(operators, value));
  }

  private static void requireOne(
      Configuration options, ConfigOption<?> name, ConfigOption<?> operators) {
    if (options.contains(name) && options.contains(operators)) {
      throw new IllegalArgumentException(
          "Options %s and %s exclude each other: leave one of them out."
              .formatted(name.key(), operators.key()));
    }
  }

  private static String sameAs(ConfigOption<?> option) {
    return "The same as " + option.key() + ".";
  }
}
