"""The dashboard: as the server, Streamlit's with two layers of ours before it; for every visitor, the shell."""

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner import get_script_run_ctx

from engine.memory import few_arenas
from pages.ui import shell
from pages.ui.first_script import FirstScript
from pages.ui.moved import OldAddresses

if get_script_run_ctx(suppress_warning=True) is None:  # `streamlit run` asks for the server; nobody is there yet
    few_arenas()
    app = st.App(__file__, middleware=[Middleware(OldAddresses), Middleware(FirstScript)])
else:
    shell.run()
