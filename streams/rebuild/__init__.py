"""The journal made anew from the log, beside the live one."""
