package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.ContextOverflow;
import io.github.flinkexecutorch.llm.engine.EngineOptions;
import io.github.flinkexecutorch.llm.engine.EngineSharing;
import io.github.flinkexecutorch.llm.image.ImageLimits;
import io.github.flinkexecutorch.runtime.KvType;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Threading;
import io.github.flinkexecutorch.runtime.WorkspaceSharing;
import java.time.Duration;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;

/** Every option of the connector. The table in docs/options.md is generated from it. */
@PublicEvolving
public final class ExecuTorchOptions {

  public static final ConfigOption<String> MODEL_PATH =
      ConfigOptions.key("executorch.model.path")
          .stringType()
          .noDefaultValue()
          .withDescription("Program file (.pte), as every TaskManager sees it.");

  public static final ConfigOption<String> MODEL_VERSION_FILE =
      ConfigOptions.key("executorch.model.version-file")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "File that holds the name of the version to serve, which stands for {version} in the"
                  + " paths of the model, its data files and its tokenizer. It is read at the start"
                  + " and after each checkpoint; not for SQL.");

  public static final ConfigOption<List<String>> MODEL_DATA_FILES =
      ConfigOptions.key("executorch.model.data-files")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription("Data files (.ptd) that hold weights of the program.");

  public static final ConfigOption<LoadMode> MODEL_LOAD_MODE =
      ConfigOptions.key("executorch.model.load-mode")
          .enumType(LoadMode.class)
          .defaultValue(LoadMode.MMAP)
          .withDescription("How the bytes of the program reach memory.");

  public static final ConfigOption<String> MODEL_CACHE_DIRECTORY =
      ConfigOptions.key("executorch.model.cache-directory")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Where each TaskManager keeps its own copy of the model, named by its content, in a"
                  + " folder that only its user may write to; flink-executorch-models-USER in"
                  + " java.io.tmpdir if not set.");

  public static final ConfigOption<Duration> MODEL_CACHE_RETENTION =
      ConfigOptions.key("executorch.model.cache-retention")
          .durationType()
          .defaultValue(Duration.ofDays(30))
          .withDescription(
              "Copies that no job on the machine has opened for so long are deleted when a model is"
                  + " opened; 0 keeps them.");

  public static final ConfigOption<Threading> MODEL_THREADING =
      ConfigOptions.key("executorch.model.threading")
          .enumType(Threading.class)
          .noDefaultValue()
          .withDescription(
              "Whether an engine computes on its own single thread (INLINE) or on the pool of the"
                  + " process, on which engines take turns (POOL). If not set, POOL for batched"
                  + " programs and INLINE for others.");

  public static final ConfigOption<Integer> MODEL_POOL_THREADS =
      ConfigOptions.key("executorch.model.pool-threads")
          .intType()
          .defaultValue(0)
          .withDescription(
              "Threads of the pool of the process, where it is used; 0 for as many as the machine"
                  + " has fast cores, but no more than the process may use in its container. All"
                  + " jobs of a process share the pool: the first one sets its size, and another"
                  + " size is refused.");

  public static final ConfigOption<Boolean> XNNPACK_WEIGHT_CACHE =
      ConfigOptions.key("executorch.xnnpack.weight-cache")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether the slots of a process share packed weights: less memory, but they then take"
                  + " turns computing.");

  public static final ConfigOption<WorkspaceSharing> XNNPACK_WORKSPACE_SHARING =
      ConfigOptions.key("executorch.xnnpack.workspace-sharing")
          .enumType(WorkspaceSharing.class)
          .defaultValue(WorkspaceSharing.PER_MODEL)
          .withDescription(
              "Who shares memory for intermediate results: nobody, the parts of one runner, or the"
                  + " whole process, which then computes one at a time.");

  public static final ConfigOption<EngineSharing> ENGINE_SHARING =
      ConfigOptions.key("executorch.engine.sharing")
          .enumType(EngineSharing.class)
          .defaultValue(EngineSharing.PROCESS)
          .withDescription(
              "Batched programs: whether all slots of a process that run the same model with the"
                  + " same options share one engine (PROCESS), or each has its own (SLOT).");

  public static final ConfigOption<Integer> ENGINE_MAX_SEQUENCES =
      ConfigOptions.key("executorch.engine.max-sequences")
          .intType()
          .defaultValue(EngineOptions.DEFAULTS.maxSequences())
          .withDescription(
              "Batched programs: most requests that an engine works on at the same time.");

  public static final ConfigOption<Integer> ENGINE_MAX_STEP_TOKENS =
      ConfigOptions.key("executorch.engine.max-step-tokens")
          .intType()
          .defaultValue(EngineOptions.DEFAULTS.maxStepTokens())
          .withDescription(
              "Batched programs: most tokens of one execution; 0 for as many as the program takes."
                  + " Fewer make long prompts hold up the others less.");

  public static final ConfigOption<MemorySize> ENGINE_KV_CACHE_SIZE =
      ConfigOptions.key("executorch.engine.kv-cache-size")
          .memoryType()
          .defaultValue(new MemorySize(EngineOptions.DEFAULTS.kvCacheBytes()))
          .withDescription(
              "Batched programs: native memory for keys and values; 0 for what the most sequences"
                  + " need, at most 1 GiB and at most what the memory limit leaves.");

  public static final ConfigOption<Integer> ENGINE_PAGE_TOKENS =
      ConfigOptions.key("executorch.engine.page-tokens")
          .intType()
          .defaultValue(EngineOptions.DEFAULTS.pageTokens())
          .withDescription("Batched programs: tokens of one page of the KV cache, 16 or 32.");

  public static final ConfigOption<KvType> ENGINE_KV_TYPE =
      ConfigOptions.key("executorch.engine.kv-type")
          .enumType(KvType.class)
          .defaultValue(EngineOptions.DEFAULTS.kvType())
          .withDescription(
              "Batched programs: how keys and values are kept. FLOAT is exact, the others take less"
                  + " memory.");

  public static final ConfigOption<Boolean> ENGINE_PREFIX_CACHE =
      ConfigOptions.key("executorch.engine.prefix-cache")
          .booleanType()
          .defaultValue(EngineOptions.DEFAULTS.prefixCache())
          .withDescription(
              "Batched programs: whether the beginning of a prompt is taken from an earlier one that"
                  + " begins the same. Changes no completion.");

  public static final ConfigOption<MemorySize> ENGINE_IMAGE_CACHE_SIZE =
      ConfigOptions.key("executorch.engine.image-cache-size")
          .memoryType()
          .defaultValue(new MemorySize(EngineOptions.DEFAULTS.imageCacheBytes()))
          .withDescription(
              "Batched programs that take images: memory for the embeddings of images that may come"
                  + " again; 0 keeps none.");

  public static final ConfigOption<MemorySize> ENGINE_MEMORY_LIMIT =
      ConfigOptions.key("executorch.engine.memory-limit")
          .memoryType()
          .defaultValue(new MemorySize(EngineOptions.DEFAULTS.memoryLimit()))
          .withDescription(
              "Batched programs: most native memory of one engine, weights and KV cache included; one"
                  + " that does not fit fails the job at its start. 0 for no limit.");

  public static final ConfigOption<Boolean> ENGINE_PACKED_WEIGHT_CACHE =
      ConfigOptions.key("executorch.engine.packed-weight-cache")
          .booleanType()
          .defaultValue(EngineOptions.DEFAULTS.packedWeightCache())
          .withDescription(
              "Batched programs: whether weights that XNNPACK has packed are kept beside the copy of"
                  + " the model, so that the next start maps them.");

  public static final ConfigOption<Long> PROFILE_STEP =
      ConfigOptions.key("executorch.profile.step")
          .longType()
          .defaultValue(0L)
          .withDescription(
              "Batched programs: number of the execution of which the log shows how long each"
                  + " operator took; 0 for none. While it is recorded the model takes its memory"
                  + " twice.");

  public static final ConfigOption<String> PROFILE_DIRECTORY =
      ConfigOptions.key("executorch.profile.directory")
          .stringType()
          .noDefaultValue()
          .withDescription("Where its ETDump is written too, on the TaskManager.");

  public static final ConfigOption<String> TOKENIZER_PATH =
      ConfigOptions.key("executorch.tokenizer.path")
          .stringType()
          .noDefaultValue()
          .withDescription("Tokenizer file of the model, or the folder that holds it.");

  public static final ConfigOption<Float> TEMPERATURE =
      ConfigOptions.key("executorch.generation.temperature")
          .floatType()
          .defaultValue(0f)
          .withDescription("0 takes the likeliest token; more makes the choice more random.");

  public static final ConfigOption<Float> TOP_P =
      ConfigOptions.key("executorch.generation.top-p")
          .floatType()
          .defaultValue(1f)
          .withDescription("Sample from the likeliest tokens that hold this probability, (0, 1].");

  public static final ConfigOption<Integer> TOP_K =
      ConfigOptions.key("executorch.generation.top-k")
          .intType()
          .defaultValue(0)
          .withDescription("Sample from this many of the likeliest tokens; 0 for all.");

  public static final ConfigOption<Integer> MAX_NEW_TOKENS =
      ConfigOptions.key("executorch.generation.max-new-tokens")
          .intType()
          .defaultValue(-1)
          .withDescription("Most tokens of one completion; -1 for as many as the context holds.");

  public static final ConfigOption<MemorySize> MAX_COMPLETION_SIZE =
      ConfigOptions.key("executorch.generation.max-completion-size")
          .memoryType()
          .noDefaultValue()
          .withDescription(
              "A record whose completion has more bytes, as JSON in UTF-8, fails. No limit if not"
                  + " set, but in jobs that write to Kafka what a message has room for.");

  public static final ConfigOption<List<String>> STOP =
      ConfigOptions.key("executorch.generation.stop")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Texts that end a completion, which then ends before the first of them.");

  public static final ConfigOption<Float> PRESENCE_PENALTY =
      ConfigOptions.key("executorch.generation.presence-penalty")
          .floatType()
          .defaultValue(0f)
          .withDescription(
              "Taken off the score of each token that the completion has already, from -2 to 2.");

  public static final ConfigOption<Float> FREQUENCY_PENALTY =
      ConfigOptions.key("executorch.generation.frequency-penalty")
          .floatType()
          .defaultValue(0f)
          .withDescription(
              "Taken off the score of each token as often as the completion has it, from -2 to 2.");

  public static final ConfigOption<Float> REPETITION_PENALTY =
      ConfigOptions.key("executorch.generation.repetition-penalty")
          .floatType()
          .defaultValue(1f)
          .withDescription(
              "Above 1: against tokens that the prompt or the completion has already; 1 for none.");

  public static final ConfigOption<Boolean> IGNORE_EOS =
      ConfigOptions.key("executorch.generation.ignore-eos")
          .booleanType()
          .defaultValue(false)
          .withDescription("Whether a completion goes on after an end-of-sequence token.");

  public static final ConfigOption<List<Integer>> STOP_TOKEN_IDS =
      ConfigOptions.key("executorch.generation.stop-token-ids")
          .intType()
          .asList()
          .defaultValues()
          .withDescription(
              "Ids of tokens that end a completion, besides the end-of-sequence tokens of the"
                  + " model.");

  public static final ConfigOption<String> JSON_SCHEMA =
      ConfigOptions.key("executorch.generation.json-schema")
          .stringType()
          .noDefaultValue()
          .withDescription("JSON schema by which each completion is valid JSON.");

  public static final ConfigOption<String> REGEX =
      ConfigOptions.key("executorch.generation.regex")
          .stringType()
          .noDefaultValue()
          .withDescription("Regular expression that each whole completion matches.");

  public static final ConfigOption<Long> SEED =
      ConfigOptions.key("executorch.generation.seed")
          .longType()
          .defaultValue(0L)
          .withDescription(
              "Mixed with the id of the record into the seed of its sampler: same record, same"
                  + " completion, at any parallelism and after any restart.");

  /**
   * More than this back-pressures the source; each one is part of every checkpoint and starts again
   * after a failure. The default fills the engine of a batched program from one slot alone, with
   * one more that waits for each that runs: else a place that becomes free stays empty until Flink
   * has brought the next record. A standard program is no faster with more than two and no slower
   * either: the others only wait here and not in the source.
   */
  public static final ConfigOption<Integer> CAPACITY =
      ConfigOptions.key("executorch.async.capacity")
          .intType()
          .defaultValue(2 * EngineOptions.DEFAULTS.maxSequences())
          .withDescription(
              "Queued plus running requests per subtask before back-pressure. All subtasks of a"
                  + " process together should have twice as many as executorch.engine.max-sequences"
                  + " to keep a shared engine busy.");

  public static final ConfigOption<OutputMode> OUTPUT_MODE =
      ConfigOptions.key("executorch.async.output-mode")
          .enumType(OutputMode.class)
          .defaultValue(OutputMode.ORDERED)
          .withDescription("Whether completions leave in the order of their requests.");

  public static final ConfigOption<Duration> TIME_LIMIT =
      ConfigOptions.key("executorch.request.time-limit")
          .durationType()
          .defaultValue(Duration.ofMinutes(5))
          .withDescription(
              "Longest run of one generation, waiting excluded; it is then stopped. 0 for none.");

  public static final ConfigOption<MemorySize> CACHE_MAX_BYTES =
      ConfigOptions.key("executorch.cache.max-bytes")
          .memoryType()
          .defaultValue(MemorySize.ZERO)
          .withDescription(
              "Heap memory of each subtask for answers, so that equal requests (same model, prompt,"
                  + " images and options) are generated once; 0 for no cache.");

  public static final ConfigOption<Integer> RETRY_MAX_ATTEMPTS =
      ConfigOptions.key("executorch.retry.max-attempts")
          .intType()
          .defaultValue(3)
          .withDescription(
              "How often a request is generated at most if the runtime fails on it; 1 for no retry."
                  + " Invalid requests and time limits are not tried again.");

  public static final ConfigOption<Double> RATE =
      ConfigOptions.key("executorch.rate.records-per-second")
          .doubleType()
          .defaultValue(0.0)
          .withDescription(
              "Most requests that a subtask begins per second; the others wait, and slow the source"
                  + " down. What the cache answers does not count. 0 for no limit.");

  public static final ConfigOption<List<Integer>> WARM_UP =
      ConfigOptions.key("executorch.warm-up.prompt-tokens")
          .intType()
          .asList()
          .defaultValues()
          .withDescription(
              "Lengths of prompts, in tokens, that each subtask runs before its first record.");

  public static final ConfigOption<MemoryCheck> MEMORY_CHECK =
      ConfigOptions.key("executorch.memory.check")
          .enumType(MemoryCheck.class)
          .defaultValue(MemoryCheck.WARN)
          .withDescription(
              "What happens at the start if the model takes more native memory than"
                  + " taskmanager.memory.task.off-heap.size, or more than the machine or container"
                  + " has beside the heap.");

  public static final ConfigOption<FailurePolicy> FAILURE_POLICY =
      ConfigOptions.key("executorch.failure-policy")
          .enumType(FailurePolicy.class)
          .defaultValue(FailurePolicy.DEAD_LETTER)
          .withDescription("What happens to a record that failed.");

  public static final ConfigOption<String> CRASH_JOURNAL_FOLDER =
      ConfigOptions.key("executorch.crash-journal.folder")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Folder where each TaskManager notes the requests in work, so that one that ends its"
                  + " process becomes a dead letter instead of doing so for ever. It has to outlive"
                  + " the process, and to be there for any TaskManager that may take over the work."
                  + " Without it there is no journal.");

  public static final ConfigOption<String> PROMPT_TEMPLATE =
      ConfigOptions.key("executorch.request.prompt-template")
          .stringType()
          .defaultValue("{{prompt}}")
          .withDescription(
              "The prompt, with {{field}} or {{outer.inner}} for fields of the record.");

  public static final ConfigOption<Boolean> CHAT =
      ConfigOptions.key("executorch.request.chat")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether the chat template of the model makes its prompt: of the messages of a record,"
                  + " or of its prompt as the message of a user. True also where a system prompt or"
                  + " a template is set.");

  public static final ConfigOption<String> SYSTEM_PROMPT =
      ConfigOptions.key("executorch.request.system-prompt")
          .stringType()
          .noDefaultValue()
          .withDescription("System message in front of each conversation with a chat model.");

  public static final ConfigOption<String> CHAT_TEMPLATE =
      ConfigOptions.key("executorch.request.chat-template")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "File of the chat template, in Jinja, as every TaskManager sees it; if not set, the"
                  + " one beside the tokenizer.");

  public static final ConfigOption<ContextOverflow> CONTEXT_OVERFLOW =
      ConfigOptions.key("executorch.request.context-overflow")
          .enumType(ContextOverflow.class)
          .defaultValue(ContextOverflow.FAIL)
          .withDescription(
              "What happens to a prompt that is too long for the context: it fails, or what the"
                  + " record brought is cut at its head, in its middle or at its tail, so that"
                  + " executorch.generation.max-new-tokens fit behind it, in at most half of the"
                  + " context.");

  public static final ConfigOption<Boolean> ALLOW_SPECIAL_TOKENS =
      ConfigOptions.key("executorch.request.allow-special-tokens")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether what a record brings into its prompt may spell special tokens; if not, it is"
                  + " plain text, and only the prompt template may. Messages of chats never do.");

  public static final ConfigOption<Boolean> ALLOW_GRAMMARS =
      ConfigOptions.key("executorch.request.allow-grammars")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether the options of a record may have a JSON schema or a regular expression, which"
                  + " are compiled outside of its time limit.");

  public static final ConfigOption<String> ID_FIELD =
      ConfigOptions.key("executorch.request.id-field")
          .stringType()
          .defaultValue("id")
          .withDescription(
              "Field that names the record; without it topic, partition and offset do.");

  public static final ConfigOption<String> MODEL_FIELD =
      ConfigOptions.key("executorch.request.model-field")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Field that names the model of a record, in jobs with several; none if not set.");

  public static final ConfigOption<MemorySize> MAX_RECORD_SIZE =
      ConfigOptions.key("executorch.request.max-size")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(1))
          .withDescription("Largest value of a record that is parsed.");

  public static final ConfigOption<Integer> MAX_RECORD_DEPTH =
      ConfigOptions.key("executorch.request.max-depth")
          .intType()
          .defaultValue(64)
          .withDescription("Deepest nesting of a record that is parsed.");

  public static final ConfigOption<TombstonePolicy> TOMBSTONES =
      ConfigOptions.key("executorch.request.tombstones")
          .enumType(TombstonePolicy.class)
          .defaultValue(TombstonePolicy.SKIP)
          .withDescription("What happens to a record without a value.");

  public static final ConfigOption<ValueFormat> VALUE_FORMAT =
      ConfigOptions.key("executorch.request.value-format")
          .enumType(ValueFormat.class)
          .defaultValue(ValueFormat.JSON)
          .withDescription(
              "What the value of a record is: a JSON object, the file of an image, or whichever of"
                  + " both it begins as (AUTO).");

  public static final ConfigOption<List<String>> IMAGE_FIELDS =
      ConfigOptions.key("executorch.request.image-fields")
          .stringType()
          .asList()
          .defaultValues("image", "images")
          .withDescription(
              "Fields of a record that may hold images: a reference, a base64 data: URI,"
                  + " {\"reference\": ...} or {\"base64\": ...}, or a list of such values.");

  public static final ConfigOption<Integer> MAX_IMAGES =
      ConfigOptions.key("executorch.request.max-images")
          .intType()
          .defaultValue(16)
          .withDescription("Most images of a record.");

  public static final ConfigOption<String> IMAGE_PROMPT =
      ConfigOptions.key("executorch.request.image-prompt")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Prompt of a record that is an image, nothing but the image if not set; and, if set,"
                  + " of a record that has images but no prompt.");

  public static final ConfigOption<String> IMAGE_MARKER =
      ConfigOptions.key("executorch.request.image-marker")
          .stringType()
          .defaultValue("<image>")
          .withDescription(
              "Text in a prompt that stands for the next image of the record, left out for it. In a"
                  + " prompt without it all images come before the text.");

  public static final ConfigOption<List<String>> IMAGE_ROOTS =
      ConfigOptions.key("executorch.image.roots")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Folders below which records may name images: local paths, or URIs of file systems"
                  + " that Flink knows, such as s3://bucket/folder. None allows no such reference.");

  public static final ConfigOption<Boolean> IMAGE_URLS =
      ConfigOptions.key("executorch.image.allow-urls")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether records may name images by http and https URLs, of hosts with public"
                  + " addresses only.");

  public static final ConfigOption<List<String>> IMAGE_URL_HOSTS =
      ConfigOptions.key("executorch.image.url-hosts")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Hosts that URLs may name, .example.org for all hosts below example.org; none for"
                  + " every host with a public address.");

  public static final ConfigOption<Duration> IMAGE_FETCH_TIMEOUT =
      ConfigOptions.key("executorch.image.fetch-timeout")
          .durationType()
          .defaultValue(Duration.ofSeconds(10))
          .withDescription(
              "Longest time to read the images that a record names, at most 2 minutes.");

  public static final ConfigOption<MemorySize> IMAGE_MAX_BYTES =
      ConfigOptions.key("executorch.image.max-bytes")
          .memoryType()
          .defaultValue(new MemorySize(ImageLimits.DEFAULTS.maxBytes()))
          .withDescription("Largest file of an image.");

  public static final ConfigOption<Long> IMAGE_MAX_PIXELS =
      ConfigOptions.key("executorch.image.max-pixels")
          .longType()
          .defaultValue(ImageLimits.DEFAULTS.maxPixels())
          .withDescription("Most pixels of an image, as its header says.");

  public static final ConfigOption<Long> IMAGE_MAX_DECODED_PIXELS =
      ConfigOptions.key("executorch.image.max-decoded-pixels")
          .longType()
          .defaultValue(ImageLimits.DEFAULTS.maxFullPixels())
          .withDescription(
              "Most pixels that a subtask holds at once. Of an image of more it reads every second"
                  + " (third, ...) row and column only, which the model sees as a coarser image; a"
                  + " WebP image of more is refused.");

  public static final ConfigOption<Integer> IMAGE_PARALLELISM =
      ConfigOptions.key("executorch.image.parallelism")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Subtasks that read images, on threads of their own; if not set, the"
                  + " parallelism of the job, on the threads of the step before them.");

  public static final ConfigOption<String> IMAGE_PREPROCESSOR =
      ConfigOptions.key("executorch.image.preprocessor")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "File that says how the model wants its images; if not set,"
                  + " preprocessor_config.json beside the model, or else what the program says"
                  + " itself.");

  public static final ConfigOption<Integer> IMAGE_THUMBNAIL =
      ConfigOptions.key("executorch.image.thumbnail")
          .intType()
          .defaultValue(0)
          .withDescription(
              "Longest edge of a small copy that is kept of each image, in pixels; 0 for none.");

  private ExecuTorchOptions() {}
}
