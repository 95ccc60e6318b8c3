"""Tiny models of many families, exported by the official exporters, with the tokens the official runner gives.

Every model is randomly initialized from a seed. `models/conformance` makes all of `sample-data/conformance/`.
"""
