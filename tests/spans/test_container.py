"""Where rows belong, in words."""

from __future__ import annotations

import pytest

from bt_cli.spans.container import Container, container_id


@pytest.mark.parametrize(
    ("container", "ref", "text"),
    [
        (Container("support"), "project_logs:support", "support"),
        (Container("support", "nightly"), "experiment:nightly", "support/nightly"),
        (Container("support", dataset="golden"), "dataset:golden", "support/golden"),
    ],
)
def test_words(container: Container, ref: str, text: str) -> None:
    """As REF, and as a person reads it."""
    assert (container.ref, str(container)) == (ref, text)


def test_ids_are_made_of_names() -> None:
    """What a container is and what it is called make its id."""
    every = [Container("a"), Container("b"), Container("a", "b"), Container("b", "b"), Container("a", dataset="b")]
    assert len({container_id(one) for one in every}) == len(every)
    assert container_id(Container("a")) == container_id(Container("a", "b").logs)
