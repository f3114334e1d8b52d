"""Eight lines suffice for a first run: open items say what to add and what that would prove."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

import pytest

from preflight.files.site import Site
from preflight.kinds import KINDS
from preflight.next_steps import ADD_TO_THE_SITE_FILE, NEXT_STEPS, next_step
from preflight.probes.base import Limits
from preflight.render.cards import cards
from preflight.render.index import Index
from preflight.runner import Order, gather, run
from preflight.words import UnknownCause

README = Path(__file__).parents[2] / "README.md"
FROM_ANSWERS = {"question", "claims-agree"}
"""What these lack, nobody can write into a file."""


def test_the_smallest_site_of_the_readme(tmp_path: Path) -> None:
    now = datetime.now(timezone.utc)
    blocks = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    [block] = [block for block in blocks if block.startswith("# site.yaml")]
    text = re.sub(r"\b(on|from|until): [0-9-]+", rf"\1: {now.date()}", block)
    assert len(text.splitlines()) <= 8
    (tmp_path / "site.yaml").write_text(text)
    given = gather(tmp_path / "site.yaml")
    order = Order(credentials=tmp_path / "none", limits=Limits(connect_s=0.5, question_s=60))
    index = Index(run(given, order, lambda: datetime.now(timezone.utc)))
    found = [card for card in cards(index) if card.sources == "no evidence"]
    assert len(found) >= 2
    for card in found:
        [to_do] = card.to_do
        key = re.search(r"`([a-z]+):", to_do)
        assert key, to_do
        assert key[1] in Site.model_fields["hosts"].annotation.__args__[1].model_fields  # type: ignore[union-attr]
        assert re.search(r"would (prove|show)", to_do)


@pytest.mark.parametrize("name", [
    name for name, kind in KINDS.items()
    if UnknownCause.MISSING_ATTRIBUTE in kind.causes and name not in FROM_ANSWERS
])  # fmt: skip
def test_every_kind_says_what_to_add(name: str) -> None:
    text = next_step(UnknownCause.MISSING_ATTRIBUTE, name)
    assert text == ADD_TO_THE_SITE_FILE[name]
    assert re.search(r"It would (prove|show)|it would prove", text)
    assert next_step(UnknownCause.TIMEOUT, name) == NEXT_STEPS[UnknownCause.TIMEOUT]


def test_none_of_them_orders_a_dangerous_act() -> None:
    orders = ("switch on", "power on", "press", "move ", "plug", "unplug", "reset")
    texts = ADD_TO_THE_SITE_FILE.values()
    assert [text for text in texts if any(word in text.lower() for word in orders)] == []
