"""The Attention page: one picture attacked, what the model then says, and where it then looks."""
