"""Events per second and core, in one run: this pipeline, a stock Faust agent, a bare aiokafka loop.

Two comparisons, and in each all three call the same code on each record (`bench.work`):

* ``core``: the product's core, from bytes to findings. This pipeline does it with everything: the activity topic in
  between, state in the changelog, exact commits. The others keep their state in memory and repartition nothing;
* ``rows``: a small work, so that the engines show: a running mean and variance per employee, an alert beyond it. This
  pipeline's engine and stock Faust both keep the state durably, each in its own way; the bare loop in memory.

The bare loop is the limit. The metric is the CPU time of the whole process per record (user and system, all threads):
a broker that shares the cores hardly disturbs it, a busy machine does. So compare within one run, never between runs.
"""
