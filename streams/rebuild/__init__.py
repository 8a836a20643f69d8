"""The journal rebuilt from the log, beside the live one."""
