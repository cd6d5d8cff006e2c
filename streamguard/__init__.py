"""StreamGuard: database query logs in, explained findings of personal-data exports out.

The rooms, in the direction of the data: `sources`, `exposure`, `baseline`, `detect`, `findings` are pure;
`pipeline` composes them; `stream` runs them on Kafka. See ``docs/architecture.md``.
"""

__version__ = "0.1.0"
