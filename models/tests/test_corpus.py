import json
from itertools import islice

from flink_executorch_models.tickets.corpus import (
    PHRASES,
    PRODUCTS,
    is_held_out_order,
    is_held_out_pair,
    tickets,
)


def sample(seed: int, held_out: bool, count: int = 4000) -> list:
    return list(islice(tickets(seed, held_out), count))


def test_training_never_sees_what_held_out_tickets_are_made_of():
    train, held_out = sample(1, False), sample(2, True)
    assert not {(t.product, t.issue) for t in train} & {(t.product, t.issue) for t in held_out}
    assert not {t.surname for t in train} & {t.surname for t in held_out}
    assert not {t.order_id for t in train if t.order_id} & {t.order_id for t in held_out if t.order_id}
    assert all(is_held_out_pair(t.product, t.issue) for t in held_out)
    assert all(is_held_out_order(t.order_id) for t in held_out if t.order_id)


def test_training_sees_every_product_and_every_issue():
    train = sample(1, False, 20_000)
    assert {t.product for t in train} == set(PRODUCTS)
    assert {t.issue for t in train} == {issue for issues in PHRASES["categories"].values() for issue in issues}


def test_message_holds_product_and_order_and_leaves_no_placeholder():
    for ticket in sample(3, True):
        assert ticket.product.lower() in ticket.message.lower()
        assert ticket.order_id is None or ticket.order_id in ticket.message
        assert "{" not in ticket.message and "}" not in ticket.message


def test_messages_hardly_repeat():
    train = sample(1, False, 20_000)
    assert len({t.message for t in train}) > 19_900


def test_some_tickets_have_no_order_id():
    share = sum(t.order_id is None for t in sample(4, True)) / 4000
    assert 0.2 < share < 0.3


def test_expected_json_is_compact_and_in_a_fixed_order():
    for ticket in sample(5, True, 100):
        assert json.loads(ticket.expected_json) == ticket.expected
        assert list(ticket.expected) == ["category", "priority", "product", "order_id", "sentiment"]
        assert '": ' not in ticket.expected_json


def test_same_seed_gives_same_tickets():
    assert sample(9, True, 50) == sample(9, True, 50)
    assert sample(9, True, 50) != sample(10, True, 50)


def test_a_phrase_stands_under_one_meaning_only():
    for field in ("priorities", "sentiments", "categories"):
        phrases = [phrase for group in PHRASES[field].values() for phrase in group]
        assert len(phrases) == len(set(phrases))
