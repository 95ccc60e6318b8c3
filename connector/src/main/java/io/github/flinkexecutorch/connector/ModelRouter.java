package io.github.flinkexecutorch.connector;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Sends each request to the side output of the model that it names, and those that name none to the
 * first model. One that names a model which is not there gets a {@link Rejection}, and goes to the
 * first model too, which passes it on.
 */
final class ModelRouter extends ProcessFunction<InferenceRequest, InferenceRequest> {
  private static final long serialVersionUID = 1L;

  private final String first;
  private final Map<String, OutputTag<InferenceRequest>> outputs = new LinkedHashMap<>();

  /**
   * @param models names, of which there is at least one
   */
  ModelRouter(List<String> models) {
    first = models.get(0);
    models.forEach(model -> outputs.put(model, outputOf(model)));
  }

  static OutputTag<InferenceRequest> outputOf(String model) {
    return new OutputTag<>("model-" + model, TypeInformation.of(InferenceRequest.class));
  }

  @Override
  public void processElement(
      InferenceRequest request, Context context, Collector<InferenceRequest> none) {
    if (request.model() == null || request.rejection() != null) {
      context.output(outputs.get(first), request);
    } else if (outputs.containsKey(request.model())) {
      context.output(outputs.get(request.model()), request);
    } else {
      context.output(outputs.get(first), request.rejected(unknown()));
    }
  }

  /** Without the name that the record has: it may be anything. */
  private Rejection unknown() {
    return new Rejection(
        FailureKind.UNKNOWN_MODEL,
        FailureStage.PARSE,
        "The record names a model that the job does not have; it has " + outputs.keySet() + ".",
        null);
  }
}
