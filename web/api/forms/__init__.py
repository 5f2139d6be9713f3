"""What goes in and comes out. Kept apart from the reports' own rows: these are a promise to other programs.

Nothing unknown is taken (ASVS 5.0, 15.3.3), days are ISO days, instants carry their offset.
"""
