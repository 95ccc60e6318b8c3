"""Synthetic support tickets, and the line between those a model may train on and those it is measured on."""

import json
import random
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

PHRASES = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8"))
PRODUCTS = [f"{brand} {kind}" for brand in PHRASES["brands"] for kind in PHRASES["kinds"]]
ISSUES = [(category, issue) for category, issues in PHRASES["categories"].items() for issue in issues]
PROMPT_TEMPLATE = "Ticket: {{message}}\nJSON:"

_HELD_OUT_PAIR_SHARE = 8
_HELD_OUT_ORDER_SHARE = 8


@dataclass(frozen=True)
class Ticket:
    """A message and what it says; `product`, `issue`, `surname` and `order_id` tell on which side of the line it is."""

    message: str
    category: str
    priority: str
    product: str
    order_id: str | None
    sentiment: str
    issue: str
    surname: str

    @property
    def expected(self) -> dict:
        names = ("category", "priority", "product", "order_id", "sentiment")
        return {name: getattr(self, name) for name in names}

    @property
    def expected_json(self) -> str:
        return json.dumps(self.expected, separators=(",", ":"))

    @property
    def prompt(self) -> str:
        return PROMPT_TEMPLATE.replace("{{message}}", self.message)


def is_held_out_pair(product: str, issue: str) -> bool:
    return zlib.crc32(f"{product}|{issue}".encode()) % _HELD_OUT_PAIR_SHARE == 0


def is_held_out_order(order_id: str) -> bool:
    return zlib.crc32(order_id.encode()) % _HELD_OUT_ORDER_SHARE == 0


def tickets(seed: int, held_out: bool) -> Iterator[Ticket]:
    """Yields tickets without end. A held-out ticket's product and issue were never together in training, and its
    customer's surname and its order id, if it has one, were never there at all."""
    random_source = random.Random(seed)
    while True:
        yield _ticket(random_source, held_out)


def _ticket(source: random.Random, held_out: bool) -> Ticket:
    product, (category, issue) = _chosen(source, held_out)
    surname = source.choice(PHRASES["held_out_surnames" if held_out else "surnames"])
    order_id = _order_id(source, held_out) if source.random() < 0.75 else None
    priority = source.choice(list(PHRASES["priorities"]))
    sentiment = source.choice(list(PHRASES["sentiments"]))
    message = _message(
        source, product, issue, f"{source.choice(PHRASES['first_names'])} {surname}", order_id, priority, sentiment
    )
    return Ticket(message, category, priority, product, order_id, sentiment, issue, surname)


def _chosen(source: random.Random, held_out: bool) -> tuple[str, tuple[str, str]]:
    while True:
        product, (category, issue) = source.choice(PRODUCTS), source.choice(ISSUES)
        if is_held_out_pair(product, issue) == held_out:
            return product, (category, issue)


def _order_id(source: random.Random, held_out: bool) -> str:
    while True:
        order_id = f"{source.randrange(100_000, 1_000_000)}"
        if is_held_out_order(order_id) == held_out:
            return order_id


def _message(source, product, issue, name, order_id, priority, sentiment) -> str:
    spoken = product if source.random() < 0.7 else product.lower()
    body = [
        issue.replace("{product}", spoken),
        source.choice(PHRASES["priorities"][priority]),
        source.choice(PHRASES["sentiments"][sentiment]),
    ]
    if order_id:
        body.append(source.choice(PHRASES["orders"]).replace("{order}", order_id))
    if source.random() < 0.4:
        aside = source.choice(PHRASES["asides"])
        body.append(
            aside.replace("{days}", str(source.randint(4, 20))).replace("{price}", str(source.randint(21, 999)))
        )
    source.shuffle(body)
    return " ".join(part for part in [_opening(source, name), *body, _closing(source, name)] if part)


def _opening(source, name) -> str:
    greeting = source.choice(PHRASES["greetings"]) if source.random() < 0.7 else ""
    introduction = source.choice(PHRASES["introductions"]).replace("{name}", name) if source.random() < 0.4 else ""
    if greeting and introduction:
        return f"{greeting}, {introduction}"
    return f"{greeting}!" if greeting else introduction[:1].upper() + introduction[1:]


def _closing(source, name) -> str:
    return source.choice(PHRASES["closings"]).replace("{name}", name) if source.random() < 0.6 else ""
