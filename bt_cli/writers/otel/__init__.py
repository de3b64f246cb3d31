"""Rows → spans of OpenTelemetry, which `bt import` reads back as the same rows and other backends can show."""
