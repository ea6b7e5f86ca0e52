"""The Robustness page: what the same attack does to a run after every task, and to its twin on another backbone."""
