package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.FirstTryFails;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.ml.ModelProvider;

/** The provider executorch, on engines that fail on each first try of a request. */
public final class FirstTryFailsProviderFactory implements ModelProviderFactory {
  public static final String PROVIDER = "first-try-fails";

  private final ExecuTorchModelProviderFactory factory = new ExecuTorchModelProviderFactory();

  @Override
  public String factoryIdentifier() {
    return PROVIDER;
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return factory.requiredOptions();
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return factory.optionalOptions();
  }

  @Override
  public ModelProvider createModelProvider(Context context) {
    ExecuTorchModelProvider provider =
        (ExecuTorchModelProvider) factory.createModelProvider(context);
    RowPrediction prediction = provider.prediction();
    Configuration options =
        ExecuTorchModelOptions.forTheOperator(
            Configuration.fromMap(context.getCatalogModel().getOptions()));
    return new ExecuTorchModelProvider(
        new RowPrediction(
            prediction.input(),
            prediction.output(),
            FirstTryFails.rows(options, prediction.input().texts()),
            prediction.errors(),
            prediction.overflow()),
        provider.timeout());
  }
}
