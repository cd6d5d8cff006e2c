"""What StreamGuard says of itself: Prometheus metrics (one container, one manager) and health.

Nothing else touches prometheus_client. Labels are closed sets (formats, reasons, categories, detectors, topics):
never an employee, a table or anything else that a log could invent.
"""

from streamguard.metrics.container import Container
from streamguard.metrics.health import Health, RoleHealth
from streamguard.metrics.http import ListenError
from streamguard.metrics.manager import Metrics

__all__ = ["Container", "Health", "ListenError", "Metrics", "RoleHealth"]
