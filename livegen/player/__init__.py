"""The player: whose turn it is, and which notes it plays, when and how loud. Pure."""
