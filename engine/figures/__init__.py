"""Plotly, Altair and Pillow builders: data in, figure out; no Streamlit."""
