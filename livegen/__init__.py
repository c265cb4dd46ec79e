"""livegen: a bandmate that performers plug in."""

__version__ = "0.1.0"
