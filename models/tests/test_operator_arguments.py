from pathlib import Path

from flink_executorch_models.operator_arguments import table

COMMITTED = Path(__file__).parents[2] / "native" / "operators.tsv"


def test_committed_table_is_that_of_the_pinned_runtime():
    assert COMMITTED.read_text() == table()


def test_kinds_of_known_operators():
    kinds = dict(line.split("\t") for line in table().splitlines())
    assert kinds["aten::add.out"] == "TTNT"
    assert kinds["aten::sym_size.int"] == "TIr"
    assert kinds["llama::update_cache.out"] == "TTIT"
