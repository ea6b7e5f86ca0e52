"""Concepts from a language model that somebody runs: published prompts, OpenAI's protocol, every answer kept."""
