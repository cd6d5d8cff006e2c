"""Events per second and core, in one run: this pipeline, a stock Faust agent, a bare aiokafka loop.

All three do the same work on each audit record, the product's own core: decode, merge, expose, judge, produce findings.
The bare loop is the limit: nothing is durable, nothing is repartitioned. The stock agent does it the way Faust's
documentation shows, its state in memory. This pipeline does it with everything: the activity topic in between, state
in the changelog, exact commits.

The metric is the CPU time of the whole process per audit record (user and system, all threads): a broker that shares
the cores does not disturb it.
"""
