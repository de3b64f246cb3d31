"""``python -m bt_cli`` is ``bt``."""

from bt_cli.cli.main import run

if __name__ == "__main__":
    run()
