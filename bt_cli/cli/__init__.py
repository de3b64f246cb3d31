"""The command line: thin commands, one file each; `console` is the only printer, `main` the only exit."""
