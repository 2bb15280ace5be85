"""The console: the browser's door to the same use cases, for staff who are signed in."""
