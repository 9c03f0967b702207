"""What stops an operation before it has changed anything."""


class Refusal(Exception):
    """Nothing was changed; str() says why and what to do."""
