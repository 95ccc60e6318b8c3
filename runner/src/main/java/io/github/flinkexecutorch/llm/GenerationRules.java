package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.grammar.Grammar;
import io.github.flinkexecutorch.llm.grammar.Grammars;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How the tokens of one generation are chosen and what ends it. Made before anything is executed,
 * so that a wrong grammar costs nothing.
 *
 * @param eosIds tokens that end the generation
 * @param grammar what the completion must match, if anything
 */
record GenerationRules(GenerationConfig config, Set<Integer> eosIds, Optional<Grammar> grammar) {
  /**
   * @throws InvalidRequestException if the options cannot work together, or with this tokenizer
   */
  static GenerationRules of(GenerationConfig config, ModelProfile model) {
    Compatibility mode = model.compatibility();
    if (mode.has(Quirk.TEMPERATURE_AT_MOST_ONE) && config.temperature() > 1) {
      throw invalid("temperature must be at most 1 with " + mode + "; got " + config.temperature());
    }
    Set<Integer> eosIds = eosIds(config, model.eosIds());
    if (config.grammar().isEmpty()) {
      return new GenerationRules(config, eosIds, Optional.empty());
    }
    if (!config.stop().isEmpty()) {
      throw invalid(
          "grammar and stop exclude each other: a stop text would cut what the grammar promises");
    }
    if (mode == Compatibility.UPSTREAM) {
      throw invalid(
          "grammar is not supported with " + mode + ", which leaves output unconstrained");
    }
    Grammar grammar =
        Grammars.compile(config.grammarType(), config.grammar(), model.tokenizer(), eosIds);
    return new GenerationRules(config, eosIds, Optional.of(grammar));
  }

  /**
   * Chooses tokens by these rules from the model's scores.
   *
   * @param sampler started here; until the generation is over nobody else uses it
   * @param context tokens that the model was fed, kept up to date by whoever feeds it
   * @param added processors behind those of the options
   * @param limit most tokens that will be chosen
   */
  TokenChooser chooser(Sampler sampler, BitSet context, List<LogitProcessor> added, int limit) {
    List<LogitProcessor> processors = new ArrayList<>();
    if (TokenPenalties.neededFor(config)) {
      processors.add(new TokenPenalties(config, context));
    }
    processors.addAll(added);
    // The last, so that nothing changes its mask.
    grammar.ifPresent(rules -> processors.add(rules.newProcessor(limit)));
    sampler.start(config);
    return new TokenChooser(sampler, processors, config.logprobs());
  }

  private static Set<Integer> eosIds(GenerationConfig config, Set<Integer> ofModel) {
    if (config.ignoreEos()) {
      return Set.of();
    }
    if (config.stopTokenIds().isEmpty()) {
      return ofModel;
    }
    Set<Integer> ids = new HashSet<>(ofModel);
    ids.addAll(config.stopTokenIds());
    return ids;
  }

  private static InvalidRequestException invalid(String message) {
    return new InvalidRequestException(Reason.INVALID_PARAMETER, message);
  }
}
