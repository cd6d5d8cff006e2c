"""What a database says of itself, and what that says of personal data: drafts and checks of the data catalogue.

The contract of this room: it looks at names, types, comments, keys and estimates, and never at a row; one connection,
read-only, with time limits. Guesses are drafts for people to look through: each carries a confidence and its reason,
and what is not sure stays ``unknown``, which counts as "cannot tell".

    data source name -> survey -> DatabaseFacts -> Drafter -> DatabaseDraft -> catalogue_yaml
                                                                            -> drift (against a Catalogue)

`survey` lies in a module of its own, ``streamguard.discovery.survey``: it needs SQLAlchemy, which is an extra. The
rest is pure. What columns are called, in some twenty-five languages, stands in ``lexicon.yaml``.
"""

from streamguard.discovery.draft import DatabaseDraft, DraftColumn, Drafter, DraftTable
from streamguard.discovery.drift import Change, Difference, drift
from streamguard.discovery.errors import DiscoveryError
from streamguard.discovery.facts import ColumnFacts, DatabaseFacts, ForeignKey, TableFacts
from streamguard.discovery.lexicon import Lexicon
from streamguard.discovery.lint import lint
from streamguard.discovery.recognise import Guess
from streamguard.discovery.yamlfile import catalogue_yaml

__all__ = [
    "Change",
    "ColumnFacts",
    "DatabaseDraft",
    "DatabaseFacts",
    "Difference",
    "DiscoveryError",
    "DraftColumn",
    "DraftTable",
    "Drafter",
    "ForeignKey",
    "Guess",
    "Lexicon",
    "TableFacts",
    "catalogue_yaml",
    "drift",
    "lint",
]
