package io.github.flinkexecutorch.llm.grammar;

import java.util.List;
import org.apache.lucene.util.automaton.Automaton;

/**
 * The text of an object: named members in their order, each at most once, then any number of
 * members with other names.
 *
 * @param free the value of members with other names, null if there are none
 * @param minFree 0 or 1
 * @param maxFree most members with other names, -1 for no limit
 */
record ObjectText(List<Member> members, Expression free, int minFree, int maxFree)
    implements Expression {
  /** A member with a given name. */
  record Member(String name, Expression value, boolean required) {}

  /**
   * Of each place between members there are two states: before the first member, where no comma may
   * come, and after one. So each value is written once, however many members may be left out.
   */
  private record Place(int first, int later) {}

  @Override
  public int before(int next, CharacterAutomaton automaton) {
    int end = Expression.literal("}").before(next, automaton);
    Place place = free == null || maxFree == 0 ? new Place(end, end) : freeMembers(end, automaton);
    for (int i = members.size() - 1; i >= 0; i--) {
      place = member(members.get(i), place, automaton);
    }
    return Expression.literal("{").before(place.first, automaton);
  }

  private static Place member(Member member, Place behind, CharacterAutomaton automaton) {
    int value = member.value.before(behind.later, automaton);
    int name =
        Expression.sequence(JsonText.string(member.name), JsonText.COLON).before(value, automaton);
    Place place = new Place(automaton.state(), automaton.state());
    automaton.epsilon(place.first, name);
    automaton.epsilon(place.later, JsonText.COMMA.before(name, automaton));
    if (!member.required) {
      automaton.epsilon(place.first, behind.first);
      automaton.epsilon(place.later, behind.later);
    }
    return place;
  }

  private Place freeMembers(int end, CharacterAutomaton automaton) {
    Expression member = Expression.sequence(JsonText.string(otherNames()), JsonText.COLON, free);
    Expression another = Expression.sequence(JsonText.COMMA, member);
    int rest = Expression.repeat(another, 0, maxFree < 0 ? -1 : maxFree - 1).before(end, automaton);
    int first = automaton.state();
    automaton.epsilon(first, member.before(rest, automaton));
    if (minFree == 0) {
      automaton.epsilon(first, end);
    }
    int later = Expression.repeat(another, minFree, maxFree).before(end, automaton);
    return new Place(first, members.isEmpty() ? rest : later);
  }

  /** Every name but those of the members, which may not come twice. */
  private Automaton otherNames() {
    Expression names =
        Expression.choice(members.stream().map(member -> Expression.literal(member.name)).toList());
    return CharacterAutomaton.complement(CharacterAutomaton.of(names));
  }
}
