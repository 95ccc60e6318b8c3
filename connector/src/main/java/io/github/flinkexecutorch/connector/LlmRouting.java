package io.github.flinkexecutorch.connector;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Several models in one job: each request goes to the one that it names. Every model is a step of
 * its own, with its own options, reading of images, metrics and state, named after the model; the
 * results of all come out together. Requests of different models do not keep their order.
 *
 * <p>The first model also has the requests that name none, and the uids of a job with one model: so
 * a savepoint of such a job goes on here.
 */
@PublicEvolving
public final class LlmRouting {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private final Map<String, Configuration> models;

  private LlmRouting(Builder builder) {
    models = new LinkedHashMap<>(builder.models);
    if (models.isEmpty()) {
      throw new IllegalArgumentException("There is no model to route to.");
    }
    models.forEach((name, options) -> inference(name, options).build());
    Set<String> uids = new HashSet<>();
    for (String name : models.keySet()) {
      for (String uid : LlmInference.uids(operatorOf(name))) {
        if (!uids.add(uid)) {
          throw new IllegalArgumentException(
              "Model '%s' cannot have this name: two operators would have the uid %s."
                  .formatted(name, uid));
        }
      }
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Adds the routing, and for each model the reading of images, the inference and its results. */
  public InferenceStreams apply(DataStream<InferenceRequest> requests) {
    SingleOutputStreamOperator<InferenceRequest> routed =
        requests
            .process(new ModelRouter(new ArrayList<>(models.keySet())))
            .name("models")
            .uid("models");
    List<InferenceStreams> all = new ArrayList<>();
    models.forEach(
        (name, options) -> {
          String suffix = suffixOf(name);
          SingleOutputStreamOperator<InferenceRequest> images =
              new ImageReading(options)
                  .apply(routed.getSideOutput(ModelRouter.outputOf(name)))
                  .name("images" + suffix)
                  .uid("images" + suffix);
          all.add(inference(name, options).build().apply(images));
        });
    return all.stream()
        .reduce(
            (one, other) ->
                new InferenceStreams(
                    one.completions().union(other.completions()),
                    one.stats().union(other.stats()),
                    one.failures().union(other.failures())))
        .orElseThrow();
  }

  private LlmInference.Builder inference(String name, Configuration options) {
    String operator = operatorOf(name);
    return LlmInference.builder().options(options).name(operator).uid(operator);
  }

  private String operatorOf(String name) {
    return "llm-inference" + suffixOf(name);
  }

  private String suffixOf(String name) {
    boolean first = models.keySet().iterator().next().equals(name);
    return first ? "" : "-" + name;
  }

  /** Collects the models. */
  public static final class Builder {
    private final Map<String, Configuration> models = new LinkedHashMap<>();

    private Builder() {}

    /**
     * A model under the name that records call it by.
     *
     * @param options all options of {@link LlmInference} and {@link ImageReading}
     * @throws IllegalArgumentException if the name is taken, or no plain name
     */
    public Builder model(String name, Configuration options) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "'" + name + "' is no name of a model: letters, digits, '.', '_' and '-', at most 64.");
      }
      if (models.putIfAbsent(name, new Configuration(options)) != null) {
        throw new IllegalArgumentException("There are two models of the name " + name + ".");
      }
      return this;
    }

    /**
     * Checks the options of all models.
     *
     * @throws IllegalArgumentException if there is no model, if the uid of one would be that of
     *     another one's results, or as {@link LlmInference.Builder}
     */
    public LlmRouting build() {
      return new LlmRouting(this);
    }
  }
}
