"""Asks a Prometheus: one question at one time."""

from __future__ import annotations

from typing import Final

import aiohttp
import msgspec

_SECONDS: Final = 30.0


class PrometheusError(Exception):
    """A Prometheus that cannot be asked; the message says why."""


class Series(msgspec.Struct, frozen=True):
    """One series of an answer."""

    metric: dict[str, str]
    value: tuple[float, str]
    """Time in seconds, and the number as text."""


class _Data(msgspec.Struct, frozen=True):
    result: list[Series]


class _Answer(msgspec.Struct, frozen=True):
    status: str
    data: _Data | None = None
    error: str = ""


async def ask_prometheus(url: str, questions: list[tuple[str, float]]) -> list[list[tuple[dict[str, str], float]]]:
    """Return labels and value of every series, for each question.

    Parameters
    ----------
    url
        Of the server, such as ``http://prometheus:9090``.
    questions
        PromQL that gives an instant vector, and the time in seconds since 1970 at which it is to be answered.

    Raises
    ------
    PrometheusError
        If it cannot be reached or does not answer.
    """
    place = f"{url.rstrip('/')}/api/v1/query"
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            return [await _ask(session, place, query, time) for query, time in questions]
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise PrometheusError(f"{url} cannot be asked: {error or type(error).__name__}") from error


async def _ask(
    session: aiohttp.ClientSession, place: str, query: str, time: float
) -> list[tuple[dict[str, str], float]]:
    async with session.get(place, params={"query": query, "time": f"{time:.3f}"}) as response:
        body = await response.read()
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError as error:
        raise PrometheusError(f"{place} is no Prometheus: it answers {response.status}") from error
    if answer.data is None:
        raise PrometheusError(f"{place} refuses {query}: {answer.error}")
    return [(series.metric, float(series.value[1])) for series in answer.data.result]
