"""Tiny multimodal and encoder–decoder programs of many families, with golden tokens: see `conformance-media`."""
