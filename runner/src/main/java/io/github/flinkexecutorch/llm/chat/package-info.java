/**
 * Chat templates: from the messages of a conversation to the prompt that a model was trained on.
 *
 * <p>{@link io.github.flinkexecutorch.llm.chat.ChatTemplate} runs the templates that come with
 * tokenizers of Hugging Face, as transformers runs them: Jinja2 with {@code trim_blocks}, {@code
 * lstrip_blocks}, loop controls, {@code {% generation %}}, transformers' {@code tojson}, {@code
 * raise_exception} and {@code strftime_now}. The interpreter is our own, since strings must
 * remember whether the template or a message wrote them, which no template engine for Java offers.
 *
 * <p>What differs from Jinja2's immutable sandbox, besides the limits of {@link
 * io.github.flinkexecutorch.llm.chat.ChatLimits}:
 *
 * <ul>
 *   <li>Refused when loading, not when rendering: {@code include, import, from, extends, block} and
 *       {@code autoescape}. A chat template stands alone, and a prompt is not HTML.
 *   <li>Undefined: the names {@code self, cycler, joiner, lipsum}, and {@code strftime_now} unless
 *       the caller gives the date.
 *   <li>Refused when rendering: {@code str.format} and formats with named values; tuples as keys of
 *       a dict; integers beyond 64 bits in arithmetic; printing of functions, macros and lazy
 *       sequences, which shows an address in Python.
 *   <li>Absent: the filters {@code filesizeformat, forceescape, pprint, random, striptags,
 *       urlencode, urlize, wordwrap, xmlattr}, the attributes of numbers, and the markup type:
 *       {@code safe} changes nothing and text is never escaped a second time.
 *   <li>Lazy filters are computed at once, so that an error in them comes earlier.
 *   <li>Two escapes of a string literal that make a surrogate pair are one character.
 * </ul>
 */
package io.github.flinkexecutorch.llm.chat;
