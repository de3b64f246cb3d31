"""Files by the SHA-256 of their content, and the keys under which attachments know them."""

from __future__ import annotations


class Blobs:
    """The attachments beside one store, in ``folder``, which is made with the first of them."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
