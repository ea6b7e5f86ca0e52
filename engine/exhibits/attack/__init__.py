"""The Attack page: what an attack does to one picture and where the model then looks, and to all of them."""
