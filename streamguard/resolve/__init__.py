"""Resolving an incident: from logged statements to the people whose rows left, asked of the database itself.

The contract of this room: statements are rewritten into plain reads of subject keys, which are shown before anything
runs; what runs is read-only, limited in time, and made of nothing but what a whitelist allows. Keys of people are held
in memory, and written to a file only if somebody asks for it. Of each statement it says whether its people are exact,
bounded or not to be told, and why.

    exposures -> plan (logged, rewrite, carriers) -> questions -> asking (lookup, database) -> people -> Resolution

Everything up to the questions is pure. ``database`` and what stands on it need SQLAlchemy, which is an extra.
"""
