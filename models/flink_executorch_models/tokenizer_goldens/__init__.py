"""Vocabularies of every tokenizer format and, from the reference libraries, the ids they give."""
