"""How people and titles are filed: by family name, and without a leading article."""

import re

_ARTICLE = re.compile(r"(?:the|an|a)\s+(?=\S)", re.IGNORECASE)
_GENERATIONS = frozenset(["jr", "jr.", "sr", "sr.", "ii", "iii", "iv"])
_PARTICLES = frozenset(["da", "de", "del", "der", "di", "du", "la", "le", "st.", "van", "von"])


def last_first(name: str) -> str:
    """``Ursula K. Le Guin`` as ``Le Guin, Ursula K.``; a name that has a comma or one word stays."""
    words = name.split()
    if "," in name or len(words) < 2:
        return " ".join(words)
    start = len(words) - 1
    if words[start].lower() in _GENERATIONS and start > 1:
        start -= 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return f"{' '.join(words[start:])}, {' '.join(words[:start])}"


def without_article(title: str) -> str:
    """``The Hobbit`` as ``Hobbit``, in its own capitals; a title that is nothing but an article stays."""
    return _ARTICLE.sub("", title.strip(), count=1) if _ARTICLE.match(title.strip()) else title.strip()
