"""Trees with other names: which field of a source node is which of ours (`--map`, `--children-field`, `--id-field`)."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from bt_cli.spans import text

Path = tuple[str, ...]


class Mapping(Struct, frozen=True):
    """``children`` names the member that holds a node's children; ``fields`` are (our path, source path)."""

    children: str = "children"
    fields: tuple[tuple[Path, Path], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nodes have our names already."""
        return not self.fields and self.children == "children"

    def apply(self, node: dict[str, Raw]) -> None:
        """Moves the mapped members of ``node`` to our names.

        A member that is absent, or whose place is already taken, stays where it is; what is left of
        an object after its mapped part was moved out stays as an unknown key.
        """
        for target, source in self.fields:
            if not _taken(node, target):
                value = _take(node, source)
                if value is not None:
                    _put(node, target, value)


NO_MAPPING = Mapping()


def parse_path(path: str) -> Path:
    """``request.prompt`` or ``.request.prompt`` as a path of keys; raises ValueError for an empty key."""
    keys = tuple(path.removeprefix(".").split("."))
    if not all(keys):
        raise ValueError(f"not a path: {path!r}")
    return keys


def _open(value: Raw) -> dict[str, Raw] | None:
    try:
        return text.members(value)
    except msgspec.DecodeError:
        return None


def _taken(node: dict[str, Raw], path: Path) -> bool:
    value = node.get(path[0])
    if value is None or bytes(value) == b"null":
        return False
    if len(path) == 1:
        return True
    inner = _open(value)
    return inner is None or _taken(inner, path[1:])


def _take(node: dict[str, Raw], path: Path) -> Raw | None:
    """Removes and returns the value at ``path``; an object emptied by that goes too."""
    value = node.get(path[0])
    if value is None or len(path) == 1:
        return node.pop(path[0], None)
    inner = _open(value)
    if inner is None:
        return None
    taken = _take(inner, path[1:])
    if taken is not None:
        if inner:
            node[path[0]] = text.raw(text.join(inner))
        else:
            del node[path[0]]
    return taken


def _put(node: dict[str, Raw], path: Path, value: Raw) -> None:
    if len(path) == 1:
        node[path[0]] = value
        return
    inner = (_open(node[path[0]]) or {}) if path[0] in node else {}
    _put(inner, path[1:], value)
    node[path[0]] = text.raw(text.join(inner))
