package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.catalog.ResolvedCatalogModel;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.ml.ModelProvider;

/**
 * The provider {@code executorch} of models in SQL. Everything that can be said without the model's
 * files is checked when a statement is planned.
 */
@Internal
public final class ExecuTorchModelProviderFactory implements ModelProviderFactory {
  private static final Set<ConfigOption<?>> REQUIRED =
      Set.of(ExecuTorchOptions.MODEL_PATH, ExecuTorchOptions.TOKENIZER_PATH);

  @Override
  public String factoryIdentifier() {
    return "executorch";
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return REQUIRED;
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    Set<ConfigOption<?>> options = new HashSet<>(ExecuTorchModelOptions.OF_THE_OPERATOR);
    options.removeAll(REQUIRED);
    options.addAll(ExecuTorchModelOptions.OWN);
    return options;
  }

  @Override
  public ModelProvider createModelProvider(Context context) {
    FactoryUtil.createModelProviderFactoryHelper(this, context).validate();
    ResolvedCatalogModel model = context.getCatalogModel();
    return new ExecuTorchModelProvider(
        RowPrediction.of(
            Configuration.fromMap(model.getOptions()),
            model.getResolvedInputSchema(),
            model.getResolvedOutputSchema()),
        context.getConfiguration().get(ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_TIMEOUT));
  }
}
