"""Whose hands, which personal data: an activity seen with the directory of employees and the data catalogue.

The contract of this room: any `Activity` in, one `Exposure` out; pure, without exception, and in doubt on the side
of caution: what cannot be told is never told as "no". It knows nothing of what is usual.

    Activity -> DirectoryHistory (employee, peer group, shard, local time)
             -> Catalogue (categories of personal data: seen, not seen, cannot tell) -> Exposure
"""

from streamguard.exposure.addresses import Addresses
from streamguard.exposure.catalogue import Catalogue, Column, Table
from streamguard.exposure.categories import CATEGORIES, SENSITIVITY_LEVELS
from streamguard.exposure.config import ExposureConfig
from streamguard.exposure.directory import Directory, Employee, Person
from streamguard.exposure.exposer import Exposer
from streamguard.exposure.history import DirectoryHistory
from streamguard.exposure.logins import Login
from streamguard.exposure.moves import Move, Moves

__all__ = [
    "CATEGORIES",
    "SENSITIVITY_LEVELS",
    "Addresses",
    "Catalogue",
    "Column",
    "Directory",
    "DirectoryHistory",
    "Employee",
    "Exposer",
    "ExposureConfig",
    "Login",
    "Move",
    "Moves",
    "Person",
    "Table",
]
