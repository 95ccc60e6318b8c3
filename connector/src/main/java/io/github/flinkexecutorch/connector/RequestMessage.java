package io.github.flinkexecutorch.connector;

import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A message of a conversation with a chat model.
 *
 * @param role who speaks, such as {@code user} or {@code assistant}
 * @param parts what the message consists of: texts, and {@code null} for the next image of the
 *     request
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record RequestMessage(String role, String[] parts) {

  public RequestMessage {
    Objects.requireNonNull(role, "role");
    if (parts.length == 0) {
      throw new IllegalArgumentException("A message needs a text or an image.");
    }
  }

  /** A message of one text. */
  public static RequestMessage of(String role, String text) {
    return new RequestMessage(role, new String[] {Objects.requireNonNull(text, "text")});
  }

  /** Sizes only: messages are user data. */
  @Override
  public String toString() {
    return "RequestMessage[" + parts.length + " parts]";
  }
}
