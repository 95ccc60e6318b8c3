package io.github.flinkexecutorch.llm.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads the fields of a Hugging Face image processor; the defaults are those of its class. */
final class PreprocessorJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final long LARGEST_FILE = 1 << 20;
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
  private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);
  private static final Defaults CLIP =
      new Defaults("shortest_edge", 224, true, Resample.BICUBIC, CLIP_MEAN, CLIP_STD);
  private static final Defaults SIGLIP =
      new Defaults("height", 224, false, Resample.BICUBIC, HALF, HALF);
  private static final Defaults VIT =
      new Defaults("height", 224, false, Resample.BILINEAR, HALF, HALF);
  private static final Defaults IDEFICS3 =
      new Defaults("longest_edge", 4 * 364, false, Resample.LANCZOS, HALF, HALF);
  private static final Map<String, Defaults> TYPES =
      Map.of(
          "CLIP",
          CLIP,
          "Llava",
          CLIP,
          "Siglip",
          SIGLIP,
          "ViT",
          VIT,
          "Gemma3",
          VIT,
          "Idefics3",
          IDEFICS3,
          "SmolVLM",
          IDEFICS3);

  /** No pixel depends on these, or only on those of batches, videos or images that are not RGB. */
  private static final Set<String> IGNORED =
      Set.of(
          "image_processor_type",
          "feature_extractor_type",
          "processor_class",
          "auto_map",
          "do_convert_rgb",
          "image_seq_length",
          "data_format",
          "input_data_format",
          "device",
          "return_tensors",
          "disable_grouping",
          "default_to_square",
          "_valid_processor_keys",
          "video_sampling",
          "pan_and_scan_min_crop_size",
          "pan_and_scan_max_num_crops",
          "pan_and_scan_min_ratio_to_activate",
          "patch_size",
          "num_additional_image_tokens",
          "vision_feature_select_strategy");

  private static final Set<String> KNOWN =
      Set.of(
          "do_resize",
          "size",
          "resample",
          "do_center_crop",
          "crop_size",
          "do_rescale",
          "rescale_factor",
          "do_normalize",
          "image_mean",
          "image_std",
          "do_pad",
          "do_pan_and_scan",
          "do_image_splitting",
          "max_image_size");

  private final String source;
  private final JsonNode json;
  private final String type;
  private final Defaults defaults;

  private PreprocessorJson(String source, JsonNode json) {
    this.source = source;
    this.json = json;
    this.type = type(json);
    this.defaults = type.isEmpty() ? CLIP : TYPES.get(type);
    if (defaults == null) {
      throw unusable(
          "its processor "
              + name(json)
              + " is not known; known are "
              + new TreeSet<>(TYPES.keySet()));
    }
    json.properties().forEach(field -> requireKnown(field.getKey(), field.getValue()));
  }

  /** What a processor's class does where its file says nothing. */
  private record Defaults(
      String edge,
      int size,
      boolean crops,
      Resample resample,
      List<Double> mean,
      List<Double> std) {}

  static ImageProcessorConfig load(Path file) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw new InvalidModelException(file + " is no preprocessor_config.json: it is too large");
      }
      JsonNode json = MAPPER.readTree(Files.readAllBytes(file));
      if (!json.isObject()) {
        throw new InvalidModelException(file + " is no preprocessor_config.json: no JSON object");
      }
      return new PreprocessorJson(file.toString(), json).config();
    } catch (JsonProcessingException e) {
      throw new InvalidModelException(file + " is no valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new InvalidModelException("Image preprocessing " + file + " cannot be read: " + e, e);
    }
  }

  static ImageProcessorConfig read(ExecuTorchModule module) {
    return find(module)
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "The program has no constants of image preprocessing, such as image_mean and"
                        + " size. Give its preprocessor_config.json"));
  }

  /** Empty if the program has no such constant. */
  static Optional<ImageProcessorConfig> find(ExecuTorchModule module) {
    ObjectNode json = MAPPER.createObjectNode();
    Set<String> methods = module.methodNames();
    for (String name : KNOWN) {
      if (methods.contains(name)) {
        json.set(name, value(name, module.execute(name)));
      }
    }
    if (methods.contains("image_processor_type")) {
      json.put("image_processor_type", module.execute("image_processor_type").get(0).text());
    }
    return json.isEmpty()
        ? Optional.empty()
        : Optional.of(new PreprocessorJson("The program's constants", json).config());
  }

  private ImageProcessorConfig config() {
    boolean idefics = tiles();
    boolean resizes = bool("do_resize", true);
    JsonNode size = size();
    Fit fit = resizes ? fit(size) : Fit.NONE;
    boolean crops = bool("do_center_crop", defaults.crops());
    JsonNode crop = json.hasNonNull("crop_size") ? json.get("crop_size") : square(defaults.size());
    boolean rescales = bool("do_rescale", true);
    boolean normalizes = bool("do_normalize", true);
    boolean pads = type.equals("Llava") && bool("do_pad", false);
    List<Double> mean = numbers("image_mean", defaults.mean());
    int tile = idefics ? side(json.path("max_image_size"), "longest_edge", 364) : 0;
    return new ImageProcessorConfig(
        pads,
        fit,
        fit == Fit.STRETCH ? side(size, "width", 0) : side(size, edge(size), 0),
        fit == Fit.STRETCH ? side(size, "height", 0) : 0,
        resample(),
        pads ? color(mean) : 0,
        crops ? side(crop, "width", 0) : 0,
        crops ? side(crop, "height", 0) : 0,
        tile,
        idefics && bool("do_image_splitting", true),
        false,
        !rescales && !normalizes,
        rescales ? json.path("rescale_factor").asDouble(1.0 / 255) : 1,
        normalizes ? mean : List.of(0.0, 0.0, 0.0),
        normalizes ? numbers("image_std", defaults.std()) : List.of(1.0, 1.0, 1.0));
  }

  private JsonNode size() {
    if (json.hasNonNull("size")) {
      return json.get("size");
    }
    return defaults.edge().equals("height")
        ? square(defaults.size())
        : MAPPER.createObjectNode().put(defaults.edge(), defaults.size());
  }

  private Fit fit(JsonNode size) {
    return switch (edge(size)) {
      case "shortest_edge" -> Fit.SHORTEST_EDGE;
      case "longest_edge" -> Fit.LONGEST_EDGE;
      default -> Fit.STRETCH;
    };
  }

  /** What a size names; a bare number, or the list of a program's constant, names it by default. */
  private String edge(JsonNode size) {
    if (!size.isObject()) {
      return size.size() == 2 ? "height" : defaults.edge();
    }
    List<String> names =
        List.of("shortest_edge", "longest_edge", "height").stream().filter(size::has).toList();
    if (names.size() != 1) {
      throw unusable("its size " + size + " is neither an edge nor height and width");
    }
    return names.get(0);
  }

  private int side(JsonNode size, String name, int absent) {
    JsonNode value = size;
    if (size.isObject()) {
      value = size.path(name);
    } else if (size.isArray()) {
      value = size.path(size.size() == 2 && name.equals("width") ? 1 : 0);
    }
    if (value.isMissingNode() && absent > 0) {
      return absent;
    }
    if (!value.isIntegralNumber() || value.asInt() < 1) {
      throw unusable("its size " + size + " has no whole number as " + name);
    }
    return value.asInt();
  }

  private Resample resample() {
    if (!json.hasNonNull("resample")) {
      return defaults.resample();
    }
    int number = json.get("resample").asInt(-1);
    return Arrays.stream(Resample.values())
        .filter(filter -> filter.number() == number)
        .findFirst()
        .orElseThrow(() -> unusable("its resample is " + json.get("resample")));
  }

  private boolean bool(String name, boolean absent) {
    return json.hasNonNull(name) ? json.get(name).asBoolean() : absent;
  }

  private List<Double> numbers(String name, List<Double> absent) {
    if (!json.hasNonNull(name)) {
      return absent;
    }
    JsonNode values = json.get(name);
    if (values.isNumber()) {
      double value = values.asDouble();
      return List.of(value, value, value);
    }
    if (values.size() != 3 || !values.path(0).isNumber()) {
      throw unusable("its " + name + " is " + values + ", not 3 numbers");
    }
    return List.of(values.get(0).asDouble(), values.get(1).asDouble(), values.get(2).asDouble());
  }

  private void requireKnown(String name, JsonNode value) {
    boolean off = value.isNull() || (value.isBoolean() && !value.asBoolean());
    boolean crops = name.equals("do_pan_and_scan");
    boolean pads = name.equals("do_pad") && !type.equals("Llava") && !tiles();
    boolean splits = name.equals("do_image_splitting") && !tiles();
    boolean unknown = !KNOWN.contains(name) && !IGNORED.contains(name);
    if (!off && (crops || pads || splits || unknown)) {
      throw unusable("its field " + name + " is not supported, and pixels may depend on it");
    }
  }

  private boolean tiles() {
    return type.equals("Idefics3") || type.equals("SmolVLM");
  }

  private InvalidModelException unusable(String why) {
    return new InvalidModelException(
        // The names of fields are the file's own, and a message is one line.
        "Image preprocessing cannot be taken from "
            + source
            + ": "
            + why.replaceAll("\\p{Cntrl}", "?"));
  }

  private static String type(JsonNode json) {
    return name(json).replaceFirst("(ImageProcessor|FeatureExtractor)(Fast)?$", "");
  }

  private static String name(JsonNode json) {
    String name = json.path("image_processor_type").asText("");
    return name.isEmpty() ? json.path("feature_extractor_type").asText("") : name;
  }

  private static ObjectNode square(int side) {
    return MAPPER.createObjectNode().put("height", side).put("width", side);
  }

  private static int color(List<Double> mean) {
    return mean.stream().mapToInt(value -> (int) (value * 255)).reduce(0, (a, b) -> a << 8 | b);
  }

  /** Exporters flatten an object into its values, one output each. */
  private static JsonNode value(String name, List<EValue> outputs) {
    ArrayNode values = MAPPER.createArrayNode();
    for (EValue output : outputs) {
      switch (output.kind()) {
        case NONE -> values.addNull();
        case LONG -> values.add(output.toLong());
        case BOOL -> values.add(output.toBoolean());
        case DOUBLE -> values.add(output.toDouble());
        case LONG_LIST -> Arrays.stream(output.toLongs()).forEach(values::add);
        case DOUBLE_LIST -> Arrays.stream(output.toDoubles()).forEach(values::add);
        default ->
            throw new InvalidModelException(
                "The program's constant " + name + " is a " + output.kind() + ", not a number");
      }
    }
    return values.size() == 1 ? values.get(0) : values;
  }
}
