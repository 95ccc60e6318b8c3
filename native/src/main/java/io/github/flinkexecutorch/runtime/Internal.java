package io.github.flinkexecutorch.runtime;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A type that is public only because another package of this project needs it: no promise is made
 * of it. Every other public type of this module and of {@code executorch-llm} is there to be used.
 * Modules that know Flink say the same with Flink's own annotations.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Internal {}
