"""What every cipher must do.

Fixtures: ``cipher`` is a :class:`~earshelf.ports.secrets.Cipher`, ``stranger`` another with a key of its own.
"""

import pytest

from earshelf.domain.errors import SecretUnreadable
from earshelf.ports.secrets import Cipher

PLACE = "integrations.secrets:ix_one"


class CipherContract:
    """What goes in comes out, at its own place and with its own key."""

    @pytest.mark.parametrize("text", ["sesame", "", "hasło żuk 第三章", "x" * 100_000, "enc:1:abc:def", "a\0b\n"])
    async def test_a_text_comes_back(self, cipher: Cipher, text: str) -> None:
        assert cipher.decrypt(cipher.encrypt(text, context=PLACE), context=PLACE) == text

    async def test_a_value_says_its_form_and_key_and_shows_nothing_else(self, cipher: Cipher) -> None:
        form, version, key_id, body = cipher.encrypt("sesame", context=PLACE).split(":")
        assert (form, version) == ("enc", "1")
        assert key_id
        assert "sesame" not in body

    async def test_the_same_text_never_encrypts_to_the_same_value(self, cipher: Cipher) -> None:
        assert len({cipher.encrypt("sesame", context=PLACE) for _ in range(100)}) == 100

    async def test_a_value_opens_at_its_own_place_only(self, cipher: Cipher) -> None:
        value = cipher.encrypt("sesame", context=PLACE)
        with pytest.raises(SecretUnreadable):
            cipher.decrypt(value, context="integrations.secrets:ix_two")

    async def test_another_key_is_refused_with_the_id_of_the_key_that_is_needed(
        self, cipher: Cipher, stranger: Cipher
    ) -> None:
        value = cipher.encrypt("sesame", context=PLACE)
        with pytest.raises(SecretUnreadable) as refusal:
            stranger.decrypt(value, context=PLACE)
        assert value.split(":")[2] in refusal.value.message
        assert "sesame" not in refusal.value.message

    async def test_an_altered_value_does_not_open(self, cipher: Cipher) -> None:
        value = cipher.encrypt("sesame", context=PLACE)
        head, _, body = value.rpartition(":")
        altered = [f"{head}:{'B' if body[0] == 'A' else 'A'}{body[1:]}", f"{head}:{body[:8]}", f"{head}:", f"{head}:*"]
        for one in altered:
            with pytest.raises(SecretUnreadable):
                cipher.decrypt(one, context=PLACE)

    @pytest.mark.parametrize("value", ["", "sesame", "enc:1:", "enc:2:abcdef01:AAAA", ":::", "$ENC$AAAA", "énc:1:a:b"])
    async def test_what_is_no_value_does_not_open(self, cipher: Cipher, value: str) -> None:
        with pytest.raises(SecretUnreadable):
            cipher.decrypt(value, context=PLACE)
