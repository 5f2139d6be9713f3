"""The pages: read the clock, open the app, call one service or read one report."""
