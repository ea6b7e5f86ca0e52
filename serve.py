"""The server: Streamlit's, with a script of ours before its own in every page. `app.py` is the dashboard."""

import streamlit as st
from starlette.middleware import Middleware

from pages.ui.first_script import FirstScript

app = st.App("app.py", middleware=[Middleware(FirstScript)])
