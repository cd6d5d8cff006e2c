"""What the people of each role do all day: tasks, each of one or more statements one after the other.

A task is a function of a random generator and of how busy the day is, so that texts differ in literals only, as in
real logs; those of analysts differ in their columns too. All values are made up; e-mail addresses are at example.com.
"""
