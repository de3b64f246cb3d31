"""Spans as text that people read: lists, trees, conversations, a page of HTML.

Pure: facts and rows in, lines out. Nothing here prints, reads or asks about the terminal; width,
colours and how text is made safe come as a `Look`.
"""
