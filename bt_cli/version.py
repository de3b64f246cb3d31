"""The version of the program and the library."""

VERSION = "0.1.0"
