"""The shell: everything shared by all pages is set up here, then the chosen page draws itself."""

from pages.ui import shell

shell.run()
