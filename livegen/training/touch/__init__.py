"""The touch of pianists: performances aligned to their scores, read, learnt from and compared."""
