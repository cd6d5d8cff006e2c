"""The decision of one peer shard: exposures in, in order; now and then a decision out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Handover
from streamguard.baseline import ShardMemory
from streamguard.baseline.day import MOST_ROWS, MOST_TOTAL
from streamguard.baseline.measure import VOLUMES
from streamguard.baseline.members import fingerprint
from streamguard.baseline.shape import Shapes
from streamguard.baseline.today import HONEY_PLACE
from streamguard.detect import cases, notice
from streamguard.detect.channels import CHANNELS
from streamguard.detect.clock import DAY_MS, HOUR_MS, MINUTE_MS, behavioural_day
from streamguard.detect.closing import close_day
from streamguard.detect.evidence import decide
from streamguard.detect.scene import Scene
from streamguard.detect.score import EVERYTHING, Score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamguard.activity import AnalystVerdict, Approval, Exposure
    from streamguard.baseline import EmployeeMemory, PeerDay
    from streamguard.detect.channels import Channel
    from streamguard.detect.config import DetectConfig
    from streamguard.detect.decision import Decision

_VOLUMES = (1 << len(VOLUMES)) - 1


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
        self.late = 0
        """Exposures that came after their employee-day was closed and their source's lateness: counted, not learned."""
        self._lateness_ms: dict[str, float] = {}
        self._shapes = Shapes()
        self._score = Score(channels)
        self._alert_level = config.alert_level
        self.memory = ShardMemory(load)

    def observe(self, exposure: Exposure) -> Decision | None:
        """Take in one exposure; return a decision if the employee's day has just become worth telling.

        Raises
        ------
        StateError
            If a stored entry cannot be read; never because of the exposure.
        """
        if exposure.sensitivity <= 0 and not exposure.honey:
            return None
        time_ms = exposure.activity.time_ms
        memory = self.memory.changed.get(exposure.employee)
        if (
            memory is None
            or not memory.from_ms <= time_ms < memory.to_ms
            or exposure.utc_offset_minutes != memory.offset_minutes
        ):
            memory = self._enter_day(exposure)
            if memory is None:
                return None
        rose = self._take_in(memory, exposure)
        today = memory.today
        if memory.notes.rows > today.second_rows:
            today.note_rows(memory.slot, memory.notes.rows)
        if time_ms >= today.due_ms:
            today.refresh(time_ms, self.memory.group.typical)
        # Judging again gives the same unless the day grew or what it is compared with changed.
        if rose or today.version != memory.judged:
            self._judge(memory, rose)
        # Whether a strange day is told also depends on the warm-up and on the age of the open case.
        if memory.strangeness < self._alert_level and not exposure.honey:
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
        scene = self._scene(memory, self.memory.group.day_of(memory.day, memory.opening))
        return dict(zip(names, self._score.surprises(scene), strict=True))

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
        return group.days_seen > self.config.warmup_days and group.usual.days >= self.config.warmup_employee_days

    def _take_in(self, memory: EmployeeMemory, exposure: Exposure) -> int:  # noqa: C901, PLR0912 -- flat, for it is hot
        """Add a statement to the open day; return a bit mask of the signs that rose."""
        activity, notes = exposure.activity, memory.notes
        rose = 0
        shape = self._shapes.shape(exposure)
        met = notes.met.get(shape)
        if met is None:
            is_young, rose = notice.symbols(memory, self.memory.group, shape.symbols)
            met = notes.meet(shape, is_young=is_young)
        place = memory.place
        if place is None or activity.client != place.client or activity.application != place.application:
            memory.place = self._shapes.place(activity)
            memory.place_is_young, newer = notice.symbols(memory, self.memory.group, memory.place.symbols)
            memory.is_aside = memory.place_is_young or bool(memory.hour_tenths)
            rose |= newer
        time_ms = activity.time_ms
        if not memory.hour_from_ms <= time_ms < memory.hour_to_ms:
            rose |= notice.hour(memory, time_ms)
        bound = exposure.subjects_at_most
        if bound and bound > notes.subjects_at_most:
            notes.subjects_at_most = min(bound, MOST_TOTAL)
        if exposure.sensitivity > notes.sensitivity:
            notes.sensitivity = min(exposure.sensitivity, 255)
        rows = activity.rows
        if rows is None:
            rose |= notice.uncounted(memory, self.memory.group, exposure)
        elif rows > 1:
            if rows > notes.largest_rows:
                rows = min(rows, MOST_ROWS)
                rose |= notice.result(memory, self.memory.group, rows)
            if bound and rows >= memory.signs.next_share * bound:
                rose |= notice.share(memory, self.memory.group, exposure, rows)
        elif rows < 0:
            rows = 0
        rose |= memory.add(time_ms, rows, met)
        if rows and (memory.is_aside or met.is_young):
            rose |= notice.aside(memory, rows, is_young=met.is_young or memory.place_is_young)
        if activity.slice is not None:
            rose |= notice.piece(memory, self.memory.group, activity)
        if activity.subjects:
            rose |= notice.people(memory, exposure)
        if exposure.honey and not memory.signs.honey:
            memory.signs.honey = True
            rose |= 1 << HONEY_PLACE
        return rose

    def _enter_day(self, exposure: Exposure) -> EmployeeMemory | None:
        """Return the employee with the day open that the statement belongs to; None if it came too late."""
        activity, offset = exposure.activity, exposure.utc_offset_minutes
        day = behavioural_day(activity.time_ms, offset, self.config.day_start_local_hours)
        if day is None:
            self.late += 1
            return None
        memory = self.memory.employee(exposure.employee)
        if memory.day is not None and day < memory.day:
            if memory.last_ms - activity.time_ms > self._lateness(activity.source):
                self.late += 1
                return None
            self._find_place(memory, memory.day, offset)
            return memory
        if memory.day != day:
            self._turn_day(exposure.employee, memory, day, activity.time_ms)
        self._find_place(memory, day, offset)
        memory.from_ms = day * DAY_MS + self.config.day_start_local_hours * HOUR_MS - offset * MINUTE_MS
        memory.to_ms = memory.from_ms + DAY_MS
        return memory

    def _find_place(self, memory: EmployeeMemory, day: int, offset_minutes: int) -> None:
        memory.forget_place()
        memory.offset_minutes = offset_minutes
        memory.today = self.memory.group.day_of(day, memory.opening)

    def _turn_day(self, employee: str, memory: EmployeeMemory, day: int, time_ms: int) -> None:
        """Close the employee's open day and begin another one."""
        group = self.memory.group
        owner = fingerprint(employee)
        if memory.day is not None:
            scene = self._scene(memory, group.day_of(memory.day, memory.opening))
            close_day(memory, group, scene, self._score, self.config, alerting=self.alerting)
            group.members.update(memory.slot, owner, memory.day, memory.levels())
        today = group.open_day(day)
        memory.open_day(day, time_ms, group.usual, self.config.half_life_days)
        memory.slot = group.members.join(owner, memory.slot, day)
        memory.opening = today.opening
        if memory.slot >= 0:
            today.join(memory.slot)

    def _scene(self, memory: EmployeeMemory, today: PeerDay) -> Scene:
        return Scene(memory, self.memory.group.usual, today.commons(memory.slot))

    def _judge(self, memory: EmployeeMemory, rose: int) -> None:
        """Bring the day's residuals and its score up to date."""
        today, scene = memory.today, memory.scene
        # On a day that is no longer kept nothing tells that what is usual has changed.
        if scene is None or today.version != memory.judged or not today.is_kept:
            scene = memory.scene = self._scene(memory, today)
            memory.judged = today.version
            rose = EVERYTHING
        if rose & _VOLUMES:
            memory.bring_up()
            for place, volume in enumerate(memory.volumes):
                if volume.peak > volume.next_peak:
                    today.enter(memory.slot, place, memory.rise(place))
        self._score.raise_to(scene, rose)

    def _tell(self, memory: EmployeeMemory, exposure: Exposure) -> Decision | None:
        """Return the decision, if the day as it stands is worth telling."""
        if not self.alerting and not exposure.honey:
            return None
        is_update = cases.report(memory, exposure, self.config)
        case = memory.case
        if is_update is None or case is None:
            return None
        group = self.memory.group
        memory.bring_up()
        memory.notes.fold()
        scene = self._scene(memory, memory.today)
        return decide(case, group, scene, self._score, self.config, is_update=is_update)

    def _lateness(self, source: str) -> float:
        found = self._lateness_ms.get(source)
        if found is None:
            found = self._lateness_ms[source] = self.config.lateness_ms(source)
        return found
