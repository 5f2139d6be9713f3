"""What people read, the channels it goes through, and what the provider answered. Imports nothing of ours."""
