"""Attachments: files kept by the SHA-256 of their content, beside the store."""
