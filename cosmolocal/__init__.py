"""Plans who makes what, for whom, by when: what is light is global, what is heavy is local."""

__version__ = "0.1.0"
