"""The decision of one peer shard: exposures in, in order; now and then a decision out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Handover
from streamguard.baseline import COMBINED, ShardMemory
from streamguard.baseline.members import fingerprint
from streamguard.detect import cases
from streamguard.detect.channels import CHANNELS
from streamguard.detect.clock import behavioural_day
from streamguard.detect.combine import LN10, TENTHS_PER_NAT, combine
from streamguard.detect.decision import Decision
from streamguard.detect.evidence import channel_evidence, day_totals
from streamguard.detect.gate import learn_day

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamguard.activity import AnalystVerdict, Approval, Exposure
    from streamguard.baseline import Channel, EmployeeMemory, PeerDay
    from streamguard.detect.channels import VolumeChannel
    from streamguard.detect.config import DetectConfig


class Decider:
    """Judges every employee-day of a peer shard; a pure function of the exposures fed to it, in order.

    The unit of judgement is the behavioural day: every channel is a maximum of the day, their combination T
    and its strangeness A only rise while the day lasts, so the first crossing of the alert level is the moment
    to tell, and the budget means what it says however many statements a day has.

    Parameters
    ----------
    config
        What the SOC chose.
    load
        Reads an encoded state entry by key, None if there is none; must see what :meth:`drain` returned.
    channels
        The detectors.
    """

    def __init__(
        self,
        config: DetectConfig,
        load: Callable[[bytes], bytes | None],
        channels: Sequence[VolumeChannel] = CHANNELS,
    ) -> None:
        self.config = config
        self.channels = tuple(channels)
        self.late = 0
        """Exposures that came after their employee-day was closed and their source's lateness: counted, not learned."""
        self._lateness_ms: dict[str, float] = {}
        self._measures = tuple(channel.measure for channel in self.channels)
        self.memory = ShardMemory(self._measures, load)

    def observe(self, exposure: Exposure) -> Decision | None:
        """Take in one exposure; return a decision if the employee's day has just become worth telling.

        Raises
        ------
        StateError
            If a stored entry cannot be read; never because of the exposure.
        """
        if not exposure.is_personal:
            return None
        activity = exposure.activity
        time_ms = activity.time_ms
        day = behavioural_day(time_ms, exposure.utc_offset_minutes, self.config.day_start_local_hours)
        if day is None:
            self.late += 1
            return None
        memory = self.memory.employee(exposure.employee)
        if memory.day is not None and day < memory.day:
            if memory.last_ms - time_ms > self._lateness(activity.source):
                self.late += 1
                return None
            day = memory.day
        if memory.day != day:
            self._turn_day(exposure.employee, memory, day, time_ms)
        rows = memory.notes.add(exposure)
        increments = [channel.increment(rows) for channel in self.channels]
        passed = memory.add(time_ms, increments, self._measures)
        today = self.memory.group.find_day(day)
        if today is not None and memory.slot >= 0:
            today.note_rows(memory.slot, memory.notes.rows)
            today.refresh(time_ms)
        # Judging again gives the same unless the day grew or what it is compared with changed. Leaving the rest out
        # is therefore no approximation, and judging once more after a restart changes nothing. A strange day is
        # judged every time: whether it is told also depends on the warm-up and on the age of the open case.
        version = self.memory.group.version(today)
        if not passed and version == memory.judged_version and memory.strangeness < self.config.alert_level:
            return None
        memory.judged_version = version
        return self._judge(memory, exposure, today)

    def strangeness(self, employee: str) -> float:
        """Return A of the employee's open day, 0 before the first. Changes nothing."""
        memory = self.memory.peek(employee)
        return memory.strangeness if memory else 0.0

    def steer(self, record: AnalystVerdict | Approval | Handover) -> None:
        """Take in what steers detection.

        Raises
        ------
        StateError
            If the state that was handed over, or a stored entry, cannot be read.
        """
        if isinstance(record, Handover):
            self.memory.adopt(record.employee, record.state)

    def hand_over(self, employee: str) -> bytes | None:
        """Return what another shard needs to go on with an employee; None for somebody never seen. Changes nothing."""
        return self.memory.hand_over(employee)

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the state entries changed since the last drain, sorted by key."""
        return self.memory.drain()

    @property
    def alerting(self) -> bool:
        """Whether the warm-up is over: enough days seen, and enough of them pooled."""
        group = self.memory.group
        return (
            group.days_seen > self.config.warmup_days and group.tail(COMBINED).days >= self.config.warmup_employee_days
        )

    def _lateness(self, source: str) -> float:
        found = self._lateness_ms.get(source)
        if found is None:
            found = self._lateness_ms[source] = self.config.lateness_ms(source)
        return found

    def _turn_day(self, employee: str, memory: EmployeeMemory, day: int, time_ms: int) -> None:
        group = self.memory.group
        if memory.day is not None:
            self._close_day(employee, memory, memory.day)
        today = group.open_day(day)
        memory.open_day(day, time_ms, self._measures, group.peers)
        memory.judged_version = -1
        memory.slot = group.members.join(fingerprint(employee), memory.slot, day)
        if memory.slot >= 0:
            today.enter(memory.slot, [channel.residual for channel in memory.channels])

    def _close_day(self, employee: str, memory: EmployeeMemory, day: int) -> None:
        """Score the day a last time, exactly; then let the pooled tails and the employee learn."""
        group = self.memory.group
        today = group.find_day(day)
        residuals = [_exact_residual(channel) for channel in memory.channels]
        commons = self._commons(today, memory.slot)
        net = _less(residuals, commons)
        predicted = all(channel.deviation for channel in memory.channels)
        if predicted:
            self._raise_score(memory, self._surprises(net))
        if learn_day(memory, commons, net, self.config, alerting=self.alerting) and predicted:
            for channel, value in zip(self.channels, net, strict=True):
                group.tail(channel.measure.number).push(value)
            group.tail(COMBINED).push(TENTHS_PER_NAT * memory.score)
        cases.close_day(memory)
        memory.note_closed()
        group.members.update(memory.slot, fingerprint(employee), day, memory.levels())

    def _judge(self, memory: EmployeeMemory, exposure: Exposure, today: PeerDay | None) -> Decision | None:
        for channel in memory.channels:
            if channel.peak > channel.next_peak:
                channel.rise()
        residuals = [channel.residual for channel in memory.channels]
        if today is not None and memory.slot >= 0:
            today.enter(memory.slot, residuals)
        commons = self._commons(today, memory.slot)
        surprises = self._surprises(_less(residuals, commons))
        self._raise_score(memory, surprises)
        if memory.strangeness < self.config.alert_level or not self.alerting:
            return None
        is_update = cases.report(memory, exposure, self.config)
        case = memory.case
        if is_update is None or case is None:
            return None
        group = self.memory.group
        peers_most = today.peers_most_rows(memory.slot) if today else None
        return Decision(
            uid=case.uid.hex(),
            is_update=is_update,
            case_start_ms=case.start_ms,
            first_seen_ms=case.first_seen_ms,
            case_statements=case.statements + memory.notes.statements,
            case_rows=case.rows + memory.notes.rows,
            strangeness=memory.strangeness,
            alert_level=self.config.alert_level,
            score=memory.score,
            channels=channel_evidence(self.channels, memory, group.peers, commons, surprises),
            day=day_totals(memory.notes),
            recent_rows=tuple(memory.recent),
            peers_most_rows=peers_most,
            members=today.expected if today else 0,
            own_days=min(channel.level.effective_days for channel in memory.channels),
            pool_trust=group.tail(COMBINED).trust,
        )

    def _commons(self, today: PeerDay | None, slot: int) -> list[int]:
        if today is None:
            return [0] * len(self.channels)
        return [today.common(place, slot) for place in range(len(self.channels))]

    def _surprises(self, residuals: list[int]) -> list[float]:
        group = self.memory.group
        return [
            group.tail(channel.measure.number).tail.surprise(residual)
            for channel, residual in zip(self.channels, residuals, strict=True)
        ]

    def _raise_score(self, memory: EmployeeMemory, surprises: list[float]) -> None:
        memory.score = max(memory.score, combine(surprises))
        calibrated = self.memory.group.tail(COMBINED).tail.surprise(TENTHS_PER_NAT * memory.score)
        memory.strangeness = max(memory.strangeness, calibrated / LN10)


def _exact_residual(channel: Channel) -> int:
    return channel.exact_residual() if channel.deviation else 0


def _less(residuals: list[int], commons: list[int]) -> list[int]:
    return [residual - common for residual, common in zip(residuals, commons, strict=True)]
