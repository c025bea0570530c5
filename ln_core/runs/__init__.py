"""Runs: config, frame, log, hub, worker and stream; they know nothing of what is trained."""
