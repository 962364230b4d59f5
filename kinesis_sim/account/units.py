"""The units of prices and quotas in the language that is spoken, as ``units.toml`` has them."""

from __future__ import annotations

from kinesis_sim.words import ROOMS, Texts, spoken, tables

UNITS = ROOMS / "account" / "units.toml"


def words() -> Texts:
    """What bills and quotas say, in the language that is spoken now."""
    return spoken("account")


def unit_said(unit: str, lang: str) -> str:
    """A unit in a language; its own English where nobody has written it yet."""
    table: dict[str, str] = tables(UNITS).get(lang, {})
    return table.get(unit, unit)
