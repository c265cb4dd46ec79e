"""The performer's pulse against true beats outside dance music, and how its tables are learnt: docs/time.md."""
