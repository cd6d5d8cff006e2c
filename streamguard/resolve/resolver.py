"""An incident resolved: what will be asked, shown first, then asked one question after the other."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from streamguard.resolve.errors import QuestionError
from streamguard.resolve.homes import find_homes
from streamguard.resolve.lookup import Lookup
from streamguard.resolve.people import Answer, People
from streamguard.resolve.plan import Outcome, Plan
from streamguard.resolve.render import runnable
from streamguard.resolve.settle import Settled, settle
from streamguard.resolve.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from streamguard.activity import Exposure, Origin
    from streamguard.exposure import Catalogue
    from streamguard.resolve.database import Database
    from streamguard.resolve.plan import Planner
    from streamguard.resolve.rewrite import Question
    from streamguard.resolve.values import ColumnOf

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
"""What of a neutral column leaves a log in clear."""


class Planned(NamedTuple):
    """All plans of an incident."""

    plans: tuple[Plan, ...]
    elsewhere: dict[str, int]
    """Statements of other databases."""


class Resolved(NamedTuple):
    """All answers of an incident."""

    people: People
    settled: tuple[Settled, ...]
    tally: Tally


def plan_all(
    exposures: Iterable[Exposure], planner: Planner, database: str | None, fetched: Mapping[Origin, int] | None = None
) -> Planned:
    """Plan what to ask for statements that exposed personal data.

    Parameters
    ----------
    exposures
        Of the incident.
    planner
        For the database.
    database
        Its name: statements of others are left out; None: none is.
    fetched
        Rows fetched from cursors, by the origin of their DECLARE, as far as anybody knows.
    """
    plans: list[Plan] = []
    elsewhere: Counter[str] = Counter()
    exposures = [exposure for exposure in exposures if exposure.is_personal]
    # A cursor that was counted when it was closed is the one that was declared before.
    counted = Counter(_cursor_of(one) for one in exposures if one.activity.export == "cursor" and one.activity.rows)
    for exposure in exposures:
        where = exposure.activity.database
        if database is not None and where is not None and where.lower() != database.lower():
            elsewhere[where] += 1
            continue
        if exposure.activity.export == "cursor" and exposure.activity.rows is None and counted[_cursor_of(exposure)]:
            counted[_cursor_of(exposure)] -= 1
            continue
        plans.append(planner.plan(exposure, (fetched or {}).get(exposure.origin)))
    return Planned(tuple(plans), dict(sorted(elsewhere.items())))


def _cursor_of(exposure: Exposure) -> tuple[str, str | None, str | None, str | None]:
    activity = exposure.activity
    return exposure.employee, activity.instance, activity.session, activity.fingerprint


class Resolver:
    """Asks a database whose rows left.

    Parameters
    ----------
    database
        To ask.
    catalogue
        What is personal data.
    key
        Of the hashes of people; None: there are none.
    """

    def __init__(self, database: Database, catalogue: Catalogue, key: bytes | None) -> None:
        self._database = database
        self._catalogue = catalogue
        self._lookup = Lookup(key)
        self._answers: dict[bytes, Answer | str] = {}
        self._word_columns: dict[ColumnOf, bool] = {}
        self._relations: dict[tuple[str | None, str], bool] = {}

    def look_up(self, plans: Sequence[Plan], tell: Callable[[int], None]) -> None:
        """Find the values behind hashes, so that questions can be asked.

        Parameters
        ----------
        plans
            What is going to be asked.
        tell
            Is told how many more candidates were hashed.
        """
        self._lookup.want(question for plan in plans for question in plan.questions)
        self._lookup.read(self._database, tell)

    def resolve(self, plans: Sequence[Plan], tell: Callable[[], None]) -> Resolved:
        """Ask everything, one question at a time.

        Parameters
        ----------
        plans
            After `look_up`.
        tell
            Is called after each.
        """
        categories = sorted({category for plan in plans for category in plan.exposure.categories})
        people = People(categories)
        settled = []
        for plan in plans:
            settled.append(self._ask(plan, people))
            tell()
        find_homes(self._database, self._catalogue, people)
        return Resolved(people, tuple(settled), Tally(people, settled))

    def _ask(self, plan: Plan, people: People) -> Settled:
        if not plan.questions:
            return Settled(plan, Outcome.NOT_RESOLVABLE, plan.why, None)
        answers = []
        doubt, missing = "", 0
        for question in plan.questions:
            if (foreign := self._foreign(question)) is not None:
                return Settled(plan, Outcome.NOT_RESOLVABLE, f"{foreign} is no table of the database", None)
            try:
                bound = self._lookup.bind(question)
                doubt, missing = doubt or bound.doubt, missing + bound.missing
                if not all(self._has_words_only(column) for column in question.regions):
                    return Settled(plan, Outcome.NOT_RESOLVABLE, "it asks for regions that no log keeps", None)
                answers.append(self._answer(question, bound.values, plan, people))
            except QuestionError as error:
                return Settled(plan, Outcome.NOT_RESOLVABLE, f"the database says: {error}", None)
        return settle(plan, _joined(answers), doubt, missing)

    def _answer(self, question: Question, values: dict[str, Sequence[object]], plan: Plan, people: People) -> Answer:
        sql = runnable(question, self._database.dialect)
        left = sorted((name, sorted(one.seen), sorted(one.doubtful)) for name, one in plan.left.items())
        told = msgspec.json.encode([sql, left, {name: [str(v) for v in some] for name, some in values.items()}])
        answer = self._answers.get(told)
        if answer is None:
            try:
                answer = people.take(self._database.rows(sql, values), question.carried.carriers, plan.left)
            except QuestionError as error:
                answer = str(error)
            # Pages, repeated exports and whole tables are asked for once.
            self._answers[told] = answer
        if isinstance(answer, str):
            raise QuestionError(answer)
        return answer

    def _foreign(self, question: Question) -> str | None:
        """Return the name of what is neither in the catalogue nor a table: a view runs whatever its author wrote."""
        for relation in sorted(question.relations, key=str):
            if relation not in self._relations:
                schema, name = relation
                known = self._catalogue.find(None, name if schema is None else f"{schema}.{name}", ())
                self._relations[relation] = bool(known) or self._database.is_table(schema, name)
            if not self._relations[relation]:
                return relation[1]
        return None

    def _has_words_only(self, column: ColumnOf) -> bool:
        """Whether every value of a neutral column looks like a word, so that none can have been left out of a log."""
        if column not in self._word_columns:
            values = self._database.rows(f"select distinct {column.column} from {column.table}", {})  # noqa: S608
            self._word_columns[column] = all(
                value is None or _WORD.fullmatch(str(value).strip()) is not None for (value,) in values
            )
        return self._word_columns[column]


def _joined(answers: list[Answer]) -> Answer:
    if len(answers) == 1:
        return answers[0]
    return Answer(
        np.concatenate([answer.people for answer in answers]),
        np.concatenate([answer.seen for answer in answers]),
        np.concatenate([answer.doubtful for answer in answers]),
        np.concatenate([answer.values for answer in answers]),
        sum(answer.rows for answer in answers),
    )
