"""The worker as a Faust application: its services, agents, timers and pages."""
