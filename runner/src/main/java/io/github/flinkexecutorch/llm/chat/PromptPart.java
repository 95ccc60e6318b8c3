package io.github.flinkexecutorch.llm.chat;

/**
 * A run of a rendered prompt.
 *
 * @param text never empty
 * @param content whether the run came with the request (messages, tools, documents, variables)
 *     rather than from the template: special tokens that it spells are not meant
 */
public record PromptPart(String text, boolean content) {}
