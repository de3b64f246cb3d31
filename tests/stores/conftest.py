"""Assertions of the contract explain themselves as those of test files do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "contract",
    "contract_amending",
    "contract_conflicts",
    "contract_containers",
    "contract_filters",
    "contract_finding",
    "contract_newest",
    "contract_reading",
    "contract_settling",
    "contract_sql",
    "contract_writing",
)
