package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.audio.Audio;
import io.github.flinkexecutorch.llm.audio.RawAudio;
import io.github.flinkexecutorch.llm.image.Image;
import java.util.Objects;
import java.util.Optional;

/**
 * One part of a prompt: text, tokens, an image, audio features or raw audio. Immutable.
 *
 * <p>Each kind has a test ({@code isText}), an accessor that throws on another kind ({@code
 * getText}) and one that is empty on another kind ({@code tryGetText}).
 */
public final class MultimodalInput {
  private final Object value;

  private MultimodalInput(Object value) {
    this.value = Objects.requireNonNull(value, "value");
  }

  public static MultimodalInput makeTextInput(String text) {
    return new MultimodalInput(PromptText.plain(text));
  }

  /** Text of which it is known what the request brought. */
  public static MultimodalInput makeTextInput(PromptText text) {
    return new MultimodalInput(text);
  }

  /** Tokens as they are: no special tokens are added to them. */
  public static MultimodalInput makeTokenInput(int... tokens) {
    return new MultimodalInput(tokens.clone());
  }

  public static MultimodalInput makeImageInput(Image image) {
    return new MultimodalInput(image);
  }

  public static MultimodalInput makeAudioInput(Audio audio) {
    return new MultimodalInput(audio);
  }

  public static MultimodalInput makeRawAudioInput(RawAudio rawAudio) {
    return new MultimodalInput(rawAudio);
  }

  public boolean isText() {
    return value instanceof PromptText;
  }

  public boolean isTokens() {
    return value instanceof int[];
  }

  public boolean isImage() {
    return value instanceof Image;
  }

  public boolean isAudio() {
    return value instanceof Audio;
  }

  public boolean isRawAudio() {
    return value instanceof RawAudio;
  }

  /**
   * The text.
   *
   * @throws IllegalStateException if this is something else, as for every getter below
   */
  public String getText() {
    return promptText().text();
  }

  /**
   * What of the text beside its characters decides on its tokens: which of them belong to the
   * prompt's form, and which spell no special token. Texts that are equal in their characters and
   * their marks become the same tokens.
   */
  public byte[] getTextMarks() {
    return promptText().marks();
  }

  PromptText promptText() {
    return get(PromptText.class, "text");
  }

  public int[] getTokens() {
    return get(int[].class, "tokens").clone();
  }

  public Image getImage() {
    return get(Image.class, "image");
  }

  public Audio getAudio() {
    return get(Audio.class, "audio");
  }

  public RawAudio getRawAudio() {
    return get(RawAudio.class, "raw audio");
  }

  public Optional<String> tryGetText() {
    return tryGet(PromptText.class).map(PromptText::text);
  }

  public Optional<int[]> tryGetTokens() {
    return tryGet(int[].class).map(int[]::clone);
  }

  public Optional<Image> tryGetImage() {
    return tryGet(Image.class);
  }

  public Optional<Audio> tryGetAudio() {
    return tryGet(Audio.class);
  }

  public Optional<RawAudio> tryGetRawAudio() {
    return tryGet(RawAudio.class);
  }

  /** "text", "tokens", "image", "audio" or "raw audio". */
  public String typeName() {
    if (isText()) {
      return "text";
    }
    if (isTokens()) {
      return "tokens";
    }
    if (isImage()) {
      return "image";
    }
    return isAudio() ? "audio" : "raw audio";
  }

  /** The kind and its size, never the content. */
  @Override
  public String toString() {
    if (value instanceof PromptText text) {
      return "text of " + text.text().length() + " characters";
    }
    return value instanceof int[] tokens ? tokens.length + " tokens" : value.toString();
  }

  private <T> T get(Class<T> type, String wanted) {
    if (!type.isInstance(value)) {
      throw new IllegalStateException("The input is " + typeName() + ", not " + wanted);
    }
    return type.cast(value);
  }

  private <T> Optional<T> tryGet(Class<T> type) {
    return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
  }
}
