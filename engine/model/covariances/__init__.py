"""How images of a class differ from its mean, in the form that a run declares.

A matrix a class, as published, takes C x D x D numbers: 2.4 GB for 1,000 classes at 768. Two forms take less.
`low_rank` keeps the r principal axes of each class and what variance they leave in each dimension, S = F'F + diag(d):
variances are exact, correlations beyond the axes are gone. `shared` keeps one matrix for all classes, pooled within
them, as linear discriminants take it.

Arrays are float32. A class of a single image has no covariance: zeros, and no weight in what is shared.
"""
