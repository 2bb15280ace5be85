"""The catalogues: every word a user reads, in Danish and English."""
