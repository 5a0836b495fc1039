"""What a VICIdial was set up with, as agentd has it, so that a site can move.

Its tables are read, and never written. The names of tables and columns are those of its schema from 2012 (2.6) on; what
a version does not have counts as not set up. What agentd has no place for is told, with the names of whom it concerns.
"""
