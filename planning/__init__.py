"""Pure calculation: rules become dates, dates become reminders. No database, no clock, no setting."""
