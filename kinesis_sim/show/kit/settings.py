"""What a picture plays with: a value for each of its controls, out of the steps that each has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from kinesis_sim.errors import UsageError


@dataclass(frozen=True)
class Settings:
    """One way to set the controls; a subclass has a field for each of them.

    called: what an error calls the picture; steps: what each control can be set to, by its field.
    Raises UsageError for what it cannot be set to.
    """

    called: ClassVar[str] = "picture"
    steps: ClassVar[Mapping[str, tuple[Any, ...]]] = {}

    def __post_init__(self) -> None:
        for name, steps in self.steps.items():
            if (value := getattr(self, name)) not in steps:
                known = ", ".join(map(str, steps))
                raise UsageError(f"{name}={value!r}: the {self.called} has {known}.")

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """These settings, and the usual ones for the rest. Raises UsageError for no such ones."""
        if unknown := settings.keys() - cls.steps.keys():
            wrong, known = ", ".join(sorted(unknown)), ", ".join(cls.steps)
            raise UsageError(f"The {cls.called} has no {wrong}; it has {known}.")
        return cls(**settings)

    @property
    def places(self) -> dict[str, int]:
        """The place of each value among its steps, from 0."""
        return {name: steps.index(getattr(self, name)) for name, steps in self.steps.items()}

    @classmethod
    def at(cls, places: Mapping[str, Any]) -> Self:
        """The values at these places. Raises UsageError for places that do not exist."""
        for name in {**cls.steps, **places}:
            place, steps = places.get(name), cls.steps.get(name, ())
            if type(place) is not int or not 0 <= place < len(steps):
                raise UsageError(f"The {cls.called} has no place {place!r} for {name}.")
        return cls(**{name: steps[places[name]] for name, steps in cls.steps.items()})

    @classmethod
    def wished(cls, wish: object) -> Self | None:
        """What a page asks for; None for what is no wish for settings that there are."""
        match wish:
            case {"kind": "mix", "places": dict(places)}:
                try:
                    return cls.at(places)
                except UsageError:
                    return None
        return None
