"""``bt view``: look at traces of the store, of a file, or of a pipe."""

from __future__ import annotations

from bt_cli.cli.commands import Command, nested
from bt_cli.cli.filter_options import FilteringCommand
from bt_cli.cli.view_logs import logs
from bt_cli.cli.view_span import span, thread
from bt_cli.cli.view_trace import trace

app = nested("""Look at traces, in the store or in a file or pipe without an import.

Examples:
  bt view logs -p support
  python app.py | bt view trace -

Exit codes: 0 done · 2 usage, or no such project or id · 3, 5 a file with bad records · 8 store""")

app.command("logs", cls=FilteringCommand)(logs)
app.command("trace", cls=Command)(trace)
app.command("span", cls=Command)(span)
app.command("thread", cls=Command)(thread)
