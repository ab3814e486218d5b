"""`flotilla demo`: a hub and three simulated clusters, a story played on them, and a table of what is where.

`stage` runs the processes, `relay` is the cable that is cut, `lookout` watches the hub, `checks` and `board` read what
it saw (pure), `story` is what happens, `play` tells it, `screen` shows it.
"""
