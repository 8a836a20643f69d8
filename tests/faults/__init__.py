"""Faults: a run of the whole pipeline during which its parts are killed, stopped, cut off and refused, and then the
proof that nothing was lost and nothing counted twice. `python -m tests.faults --help`.
"""
