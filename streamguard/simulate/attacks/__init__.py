"""What is stolen from the company: scenarios, who acts in them, and the sessions they are made of.

A scenario is a function of a random generator, its actors, the days it may take and its strength. It adds sessions to
the days of its actors and changes nothing else, so a company with attacks is the quiet company and some sessions more.
"""

from streamguard.simulate.attacks.casting import incidents
from streamguard.simulate.attacks.incident import Incident

__all__ = ["Incident", "incidents"]
