"""The HTTP entrance: events are taken from publishers, judged, put on the log, and answered one by one."""
