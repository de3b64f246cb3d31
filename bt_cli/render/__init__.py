"""Reports as text: for a terminal, for a pipe, as Markdown, as JSON. Pure: nothing here prints."""
