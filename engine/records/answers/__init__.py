"""What the analyses answer: the arrays of each, one file an analysis, of the same name as in `engine.analyses`.

They are declared here and not there, because whoever reads a stored answer checks it, and needs no torch for that.
"""
