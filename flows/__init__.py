"""The township's year in Prefect: when to look, and a button to look again. Nothing is stored only here."""
