package io.github.flinkexecutorch.llm.engine;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Sequences that wait for pages: by priority, then those that had to give their pages back, then
 * one of each client in turn. Confined to the engine's thread.
 */
final class WaitingLine {
  private final Queue<LLMSession> preempted =
      new PriorityQueue<>((a, b) -> a.outranks(b) ? -1 : b.outranks(a) ? 1 : 0);
  private final TreeMap<Integer, Map<Object, Queue<LLMSession>>> arrived =
      new TreeMap<>(Comparator.reverseOrder());

  void add(LLMSession session) {
    arrived
        .computeIfAbsent(session.priority(), priority -> new LinkedHashMap<>())
        .computeIfAbsent(session.client(), client -> new ArrayDeque<>())
        .add(session);
  }

  /** A sequence that had begun. */
  void addPreempted(LLMSession session) {
    preempted.add(session);
  }

  boolean isEmpty() {
    return peek() == null;
  }

  /** The sequence whose turn it is, null if none waits. Those that are done are dropped. */
  LLMSession peek() {
    while (!preempted.isEmpty() && preempted.peek().stopsNow()) {
      preempted.poll();
    }
    LLMSession first = firstArrived();
    LLMSession again = preempted.peek();
    return first == null || (again != null && again.priority() >= first.priority()) ? again : first;
  }

  /** The next sequences, about in the order in which they will be taken. */
  List<LLMSession> first(int limit) {
    LLMSession head = peek();
    if (head == null) {
      return List.of();
    }
    Stream<LLMSession> others =
        arrived.values().stream()
            .flatMap(clients -> clients.values().stream())
            .flatMap(Queue::stream)
            .filter(session -> session != head);
    return Stream.concat(Stream.of(head), others)
        .filter(session -> !session.stopsNow())
        .limit(limit)
        .toList();
  }

  /** Takes the sequence that {@link #peek} gave. */
  void remove(LLMSession session) {
    if (session == preempted.peek()) {
      preempted.poll();
      return;
    }
    Map<Object, Queue<LLMSession>> clients = arrived.get(session.priority());
    Queue<LLMSession> line = clients.remove(session.client());
    line.poll();
    if (!line.isEmpty()) {
      clients.put(session.client(), line); // behind the other clients
    }
  }

  private LLMSession firstArrived() {
    while (!arrived.isEmpty()) {
      Iterator<Queue<LLMSession>> lines = arrived.firstEntry().getValue().values().iterator();
      while (lines.hasNext()) {
        Queue<LLMSession> line = lines.next();
        while (!line.isEmpty() && line.peek().stopsNow()) {
          line.poll();
        }
        if (!line.isEmpty()) {
          return line.peek();
        }
        lines.remove();
      }
      arrived.pollFirstEntry();
    }
    return null;
  }
}
