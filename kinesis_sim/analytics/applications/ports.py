"""What applications need of outside, beside what every room leans on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApplicationPorts:
    """Both are told an application's name and ARN.

    is_due: whether AWS does maintenance now that its window begins, which is noted as done.
    is_planned: whether any is planned.
    """

    is_due: Callable[[str, str], bool]
    is_planned: Callable[[str, str], bool]
