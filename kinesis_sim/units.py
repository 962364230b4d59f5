"""Sizes in bytes as powers of two; AWS's pages often write KB, MB and GB for them."""

from __future__ import annotations

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30
