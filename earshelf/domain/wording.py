"""Words as people and indexers write them: whole-word search, and the names of languages."""

import re
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize

# name: ISO 639-1, 639-2 (both forms), the language's own name
_LANGUAGES: dict[str, tuple[str, ...]] = {
    "arabic": ("ar", "ara", "العربية"),
    "bulgarian": ("bg", "bul", "български"),
    "chinese": ("zh", "zho", "chi", "cmn", "mandarin", "中文"),
    "croatian": ("hr", "hrv", "hrvatski"),
    "czech": ("cs", "ces", "cze", "čeština"),
    "danish": ("da", "dan", "dansk"),
    "dutch": ("nl", "nld", "dut", "nederlands", "flemish"),
    "english": ("en", "eng"),
    "estonian": ("et", "est", "eesti"),
    "finnish": ("fi", "fin", "suomi"),
    "french": ("fr", "fra", "fre", "français", "francais"),
    "german": ("de", "deu", "ger", "deutsch"),
    "greek": ("el", "ell", "gre", "ελληνικά"),
    "hebrew": ("he", "heb", "עברית"),
    "hindi": ("hi", "hin", "हिन्दी"),
    "hungarian": ("hu", "hun", "magyar"),
    "icelandic": ("is", "isl", "ice", "íslenska"),
    "italian": ("it", "ita", "italiano"),
    "japanese": ("ja", "jpn", "日本語"),
    "korean": ("ko", "kor", "한국어"),
    "norwegian": ("no", "nor", "nb", "nob", "nn", "nno", "norsk"),
    "persian": ("fa", "fas", "per", "farsi"),
    "polish": ("pl", "pol", "polski"),
    "portuguese": ("pt", "por", "português", "portugues"),
    "romanian": ("ro", "ron", "rum", "română"),
    "russian": ("ru", "rus", "русский"),
    "slovak": ("sk", "slk", "slo", "slovenčina"),
    "spanish": ("es", "spa", "español", "espanol", "castilian", "castellano"),
    "swedish": ("sv", "swe", "svenska"),
    "turkish": ("tr", "tur", "türkçe"),
    "ukrainian": ("uk", "ukr", "українська"),
}
_NAMES = {spelling: name for name, spellings in _LANGUAGES.items() for spelling in (name, *spellings)}
_NO_LANGUAGE = frozenset(["unknown", "undetermined", "multiple", "multi", "none", "other", "various"])
_REGION = re.compile(r"[-_(\[/,;].*", re.DOTALL)
_BRACKETED = re.compile(r"[(\[{]([^()\[\]{}]{2,20})[)\]}]")
_GAP = r"[\W_]+"
_LETTER = r"[^\W_]"


def word_match(words: Iterable[str], texts: Iterable[str]) -> str | None:
    """The first of the words or phrases that stands in one of the texts, spelled as it was given; else None.

    Case does not count, only whole words match (``Abridged`` is not in ``Unabridged``), and the words of a phrase may
    be parted by anything that is no letter or digit (``Free Excerpt`` is in ``free_excerpt``). Blank words never match.
    """
    haystacks = [_folded(text) for text in texts]
    for word in words:
        pattern = _whole_words(word)
        if pattern is not None and any(pattern.search(text) for text in haystacks):
            return word
    return None


def language_name(text: str) -> str | None:
    """The lower-case English name of a language: ``en``, ``eng``, ``en-US`` and ``English`` are all ``english``.

    A name that is not known here comes back in lower case, so that it still differs from others. None when the text
    names no language: blank, a number, an unknown code, or a word such as ``unknown``.
    """
    folded = _folded(text).strip()
    for spelling in (folded, _REGION.sub("", folded).strip()):
        if spelling in _NAMES:
            return _NAMES[spelling]
    return folded if len(folded) > 3 and folded.isalpha() and folded not in _NO_LANGUAGE else None


def language_in(release_name: str) -> str | None:
    """The language that a release name states in brackets, such as ``[German]`` or ``(DE)``; None when it does not.

    Words outside brackets are not looked at: *The English Patient* exists in every language.
    """
    for inner in _BRACKETED.findall(release_name):
        # "(ice)" is a word and "[ICE]" a code
        is_name = len(inner.strip()) > 3 or inner.isupper()
        if is_name and _folded(inner).strip() in _NAMES:
            return language_name(inner)
    return None


@lru_cache(maxsize=1024)
def _whole_words(phrase: str) -> re.Pattern[str] | None:
    parts = [re.escape(part) for part in _folded(phrase).split()]
    if not parts:
        return None
    return re.compile(rf"(?<!{_LETTER}){_GAP.join(parts)}(?!{_LETTER})")


def _folded(text: str) -> str:
    return normalize("NFC", normalize("NFC", text).casefold())
