package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a tokenizer fits a model.
 *
 * @param vocabSize ids of the tokenizer
 * @param bosId its beginning-of-sequence id, {@link Tokenizer#UNKNOWN} if it names none
 * @param eosId its end-of-sequence id, likewise
 * @param problems what keeps the two from working together
 * @param warnings what may surprise
 */
record TokenizerFit(
    int vocabSize, int bosId, int eosId, List<String> problems, List<String> warnings) {

  static TokenizerFit of(Tokenizer tokenizer, ModelInspection model) {
    List<String> problems = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (DecoderForm decoder : model.decoders()) {
      try {
        ModelProfile.requireSameVocabulary(tokenizer.vocabSize(), (int) decoder.logitsWidth());
      } catch (InvalidModelException e) {
        if (!problems.contains(e.getMessage())) {
          problems.add(e.getMessage());
        }
      }
    }
    Set<Long> modelBos = ids(model.constants().get("get_bos_id"));
    if (tokenizer.bosId() != Tokenizer.UNKNOWN
        && !modelBos.isEmpty()
        && !modelBos.contains((long) tokenizer.bosId())) {
      warnings.add(
          "The model names "
              + modelBos
              + " as its beginning-of-sequence id, the tokenizer "
              + tokenizer.bosId());
    }
    Set<Long> modelEos = ids(model.constants().get("get_eos_ids"));
    modelEos.addAll(ids(model.constants().get("get_eos_id")));
    if (modelEos.isEmpty()
        && tokenizer.eosId() == Tokenizer.UNKNOWN
        && !model.decoders().isEmpty()) {
      warnings.add(
          "Neither the model nor the tokenizer names an end-of-sequence token: generations end at"
              + " their token limit");
    }
    return new TokenizerFit(
        tokenizer.vocabSize(), tokenizer.bosId(), tokenizer.eosId(), problems, warnings);
  }

  /** The ids that a constant holds, written as one number or as a list. */
  private static Set<Long> ids(Object constant) {
    Set<Long> ids = new HashSet<>();
    if (constant instanceof Long id) {
      ids.add(id);
    } else if (constant instanceof Collection<?> list) {
      list.forEach(item -> ids.addAll(ids(item)));
    }
    return ids;
  }
}
