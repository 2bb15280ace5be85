"""What can be wrong with a Word template, in words for whoever keeps it."""

from __future__ import annotations

from enum import StrEnum

from bot.catalogue import words


class TemplateFault(StrEnum):
    """What can be wrong with a template; each has its words in the catalogues."""

    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    BROKEN = "broken"
    CROWDED = "crowded"
    LACKING = "lacking"
    UNSTYLED = "unstyled"
    ANNOTATED = "annotated"
    LINKED = "linked"


class TemplateError(Exception):
    """The template cannot be used: what is wrong, and with which file, placeholder or style."""

    def __init__(self, fault: TemplateFault, name: str = "") -> None:
        super().__init__(fault, name)
        self.fault, self.name = fault, name

    def said(self, language: str) -> str:
        """Return what is wrong, for whoever keeps the template."""
        return words(f"paper.template.{self.fault}", language).format(name=self.name)
