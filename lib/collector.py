"""How often Python looks for garbage in a server process: less often than it would, for a stream makes little of it."""

GC_THRESHOLD = (10_000, 20, 50)
