"""The names of a session's changes in a journal, next to the verbs of ``session.verbs``. It imports nothing."""

SET, TOGETHER = "set", "together"  # one setting of the first voice; several, taken up as one change
VOICE = "voice"  # a setting, the mode, the model or the ears of one voice of a band
BEGIN, RUN, END = "begin", "run", "end"  # the life of a session; "run": what was due by then was done
