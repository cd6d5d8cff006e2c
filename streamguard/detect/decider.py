"""The decision of one peer shard: exposures in, in order; now and then a decision out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import Approval, Handover
from streamguard.baseline import ShardMemory
from streamguard.baseline.measure import VOLUMES
from streamguard.detect import cases, verdicts
from streamguard.detect.approvals import Approvals
from streamguard.detect.channels import CHANNELS
from streamguard.detect.days import Days
from streamguard.detect.evidence import decide
from streamguard.detect.intake import Intake
from streamguard.detect.reading import where
from streamguard.detect.score import EVERYTHING, Score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamguard.activity import AnalystVerdict, Exposure
    from streamguard.baseline import EmployeeMemory
    from streamguard.detect.channels import Channel
    from streamguard.detect.config import DetectConfig
    from streamguard.detect.decision import Decision

_VOLUMES: Final = (1 << len(VOLUMES)) - 1


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
        channels: Sequence[Channel] = CHANNELS,
    ) -> None:
        self.config = config
        self.memory = ShardMemory(load)
        self._score = Score(channels)
        self._intake = Intake()
        self._days = Days(self.memory, config, self._score, self._intake)
        self._approvals = Approvals(load)
        self._alert_level = config.alert_level

    @property
    def late(self) -> int:
        """Exposures that came after their day was closed and their source's lateness: counted, not learned."""
        return self._days.late

    @property
    def alerting(self) -> bool:
        """Whether the warm-up is over: enough days seen, and enough of them pooled."""
        return self._days.alerting

    def observe(self, exposure: Exposure) -> Decision | None:
        """Take in one exposure; return a decision if the employee's day has just become worth telling.

        Raises
        ------
        StateError
            If a stored entry cannot be read; never because of the exposure.
        """
        employee, time_ms, offset_minutes, sensitivity, is_honey = where(exposure)
        if sensitivity <= 0 and not is_honey:
            return None
        memory = self.memory.changed.get(employee)
        if memory is None or not memory.from_ms <= time_ms < memory.to_ms or offset_minutes != memory.offset_minutes:
            memory = self._days.enter(exposure)
            if memory is None:
                return None
        if self._approvals.kept and not is_honey and self._approvals.cover(memory, exposure):
            return None
        rose = self._intake.take(memory, exposure)
        today = memory.today
        if memory.notes.rows > today.second_rows:
            today.note_rows(memory.slot, memory.notes.rows)
        if time_ms >= today.due_ms:
            today.refresh(time_ms, memory.group.typical)
        # Judging again gives the same unless the day grew or what it is compared with changed.
        if rose or today.version != memory.judged:
            self._judge(memory, rose)
        # Whether a strange day is told also depends on the warm-up and on the age of the open case.
        if memory.strangeness < self._alert_level and not is_honey:
            return None
        return self._tell(memory, exposure)

    def strangeness(self, employee: str) -> float:
        """Return A of the employee's open day, 0 before the first. Changes nothing."""
        memory = self.memory.peek(employee)
        return memory.strangeness if memory else 0.0

    def surprises(self, employee: str) -> dict[str, float]:
        """Return what every channel says of the employee's open day, in nats, by name. Changes nothing."""
        memory = self.memory.peek(employee)
        names = [channel.name for channel in self._score.channels]
        if memory is None or memory.day is None:
            return dict.fromkeys(names, 0.0)
        memory.bring_up()
        self._days.look_up(memory)
        return dict(zip(names, self._score.surprises(self._days.scene(memory)), strict=True))

    def steer(self, record: AnalystVerdict | Approval | Handover) -> None:
        """Take in what steers detection.

        Raises
        ------
        StateError
            If the state that was handed over, or a stored entry, cannot be read.
        """
        if isinstance(record, Handover):
            self.memory.adopt(record.employee, record.state)
        elif isinstance(record, Approval):
            self._approvals.take_in(record)
        elif self.memory.peek(record.employee) is not None:
            memory = self.memory.employee(record.employee)
            self._days.look_up(memory)
            verdicts.take_in(record, memory, memory.group, self.config)

    def hand_over(self, employee: str) -> bytes | None:
        """Return what another shard needs to go on with an employee; None for somebody never seen. Changes nothing."""
        return self.memory.hand_over(employee)

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the state entries changed since the last drain, sorted by key."""
        return sorted([*self.memory.drain(), *self._approvals.drain()])

    def _judge(self, memory: EmployeeMemory, rose: int) -> None:
        """Bring the day's residuals and its score up to date."""
        today, scene = memory.today, memory.scene
        # On a day that is no longer kept nothing tells that what is usual has changed.
        if scene is None or today.version != memory.judged or not today.is_kept:
            scene = memory.scene = self._days.scene(memory)
            memory.judged = today.version
            rose = EVERYTHING
        was_strange = memory.is_strange
        if rose & _VOLUMES:
            rose |= self._rise(memory)
        self._score.raise_to(scene, rose)
        if memory.is_strange and not was_strange:
            # From here on smaller steps count, so some were passed already.
            memory.set_next()
            self._score.raise_to(scene, self._rise(memory))

    def _rise(self, memory: EmployeeMemory) -> int:
        """Bring the residuals up to the peaks that are worth a look; return a bit mask of those that rose."""
        memory.bring_up()
        rose = 0
        for place, volume in enumerate(memory.volumes):
            if volume.peak > volume.next_peak:
                volume.rise()
                volume.set_next(memory.step)
                memory.today.enter(memory.slot, place, volume.residual)
                rose |= 1 << place
        memory.set_next_sums()
        return rose

    def _tell(self, memory: EmployeeMemory, exposure: Exposure) -> Decision | None:
        """Return the decision, if the day as it stands is worth telling."""
        if not self.alerting and not exposure.honey:
            return None
        is_update = cases.report(memory, exposure, self.config)
        case = memory.case
        if is_update is None or case is None:
            return None
        memory.bring_up()
        memory.notes.fold()
        return decide(case, self._days.scene(memory), self._score, self.config, is_update=is_update)
