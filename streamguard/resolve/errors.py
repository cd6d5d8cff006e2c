"""What can go wrong when an incident is resolved."""

from __future__ import annotations


class ResolveError(Exception):
    """An incident cannot be resolved; the message says what to do, and holds no password and nobody's data."""


class QuestionError(Exception):
    """The database refused one question, or took too long; the message is its own first line."""


class CannotRewriteError(Exception):
    """A statement has no rewriting into a read of subject keys; the message says why, in words for people."""
