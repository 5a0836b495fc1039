"""What comes from elsewhere: leads, CRM activities and numbers not to call from files, and all of a VICIdial's setup.

Reading and checking is done here, a piece at a time, so that a file of any size takes the same memory; the statements
are those of :mod:`agentd.storage.bulk`. It needs no reactor, and the daemon does without it.
"""
