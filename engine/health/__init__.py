"""Data before anything is learnt: how many of each class, what is there twice, odd or perhaps mislabelled."""
