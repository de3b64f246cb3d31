"""Spans and reports as text that people read: lists, trees, conversations, tables, a page of HTML, Markdown, JSON.

Pure: facts, rows and reports in, lines out. Nothing here prints, reads or asks about the terminal; width,
colours and how text is made safe come as a `Look`.
"""
