"""Figures as SVG, PDF and PNG: drawn from what Plotly would be given, without a browser."""
