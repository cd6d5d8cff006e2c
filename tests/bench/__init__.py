"""What a record costs, in five tables, of which each can be made alone; ``docs/speed.md`` says how to read them.

* ``core``: the same small work with durable, exact state per employee, by this pipeline's engine and by what else one
  would take;
* ``stages``: this pipeline whole, from raw audit lines to findings, and what each of its stages costs;
* ``latency``: from an audit line's way out to the arrival of its finding, at three loads;
* ``growth``: from a thousand employees to a million;
* ``workers``: one worker and two.

Nearly everything is CPU time of the whole process per record (user and system, all threads, start-up left out): a
broker that shares the cores hardly disturbs it, a busy machine does. So everybody runs in turn in each round, and is
compared within it, never between runs.

``contestants`` are programs, each run as a process of its own; ``tables`` run them and say what came out.
"""
