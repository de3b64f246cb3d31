"""The contract of a store as tests. A store's tests subclass `StoreContract` and say how to open one."""

from __future__ import annotations

from contract_amending import AmendingContract
from contract_conflicts import ConflictContract
from contract_containers import ContainerContract
from contract_filters import FilterContract
from contract_finding import FindingContract
from contract_newest import NewestContract
from contract_reading import ReadingContract
from contract_settling import SettlingContract
from contract_sql import SqlContract
from contract_writing import WritingContract


class StoreContract(
    WritingContract,
    AmendingContract,
    ConflictContract,
    ReadingContract,
    NewestContract,
    FindingContract,
    FilterContract,
    SettlingContract,
    ContainerContract,
    SqlContract,
):
    """Every behaviour of `bt_cli.stores.base`; what a store does not declare is skipped."""
