"""What outlasts a click: training workers, analyses and defences in processes of their own."""
