"""Tables, the allowed transitions of their rows, and the only statements that change them."""
