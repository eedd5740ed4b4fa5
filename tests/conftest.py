"""Property tests draw the same examples every time, so that a red run is a change's doing."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
