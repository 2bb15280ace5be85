"""Lists of words, written as running text."""


def words(text: str) -> frozenset[str]:
    """The distinct words of a text, apart by blanks and line ends."""
    return frozenset(text.split())
