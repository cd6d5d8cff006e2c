"""Values of bind parameters as pgaudit logs them: read only where they can become hashes."""

from __future__ import annotations

from typing import Final

from streamguard.sources.csvrow import split_row
from streamguard.sources.reasons import Refusal, RejectedReason

_SUPPRESSED: Final = "<long param suppressed>"
"""What pgaudit writes in place of a value longer than ``pgaudit.log_parameter_max_size``."""


def bind_values(parameter: str) -> tuple[str | None, ...]:
    """Return the values of a pgaudit row's PARAMETER field, from the first.

    Parameters
    ----------
    parameter
        One CSV row, or ``<none>``, ``<not logged>``, ``<previously logged>``.

    Returns
    -------
    tuple
        Empty where there are none or they cannot be read; None in place of a value that was suppressed or is
        empty (NULL and the empty text look alike).

    Examples
    --------
    >>> bind_values('77,,"Smith, Alice"')
    ('77', None, 'Smith, Alice')
    >>> bind_values("<none>")
    ()
    """
    if not parameter or (parameter[0] == "<" and parameter != _SUPPRESSED and "," not in parameter):
        return ()
    try:
        values = split_row(parameter, RejectedReason.MALFORMED_CSV)
    except Refusal:
        return ()
    return tuple(None if value in {"", _SUPPRESSED} else value for value in values)
