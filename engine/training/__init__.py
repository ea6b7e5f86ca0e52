"""The training itself: material, loop, evaluation, hardening."""
