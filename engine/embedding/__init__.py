"""Embedding pictures in shards, as many as there are: what each shard holds, who makes it, and how it is kept."""
