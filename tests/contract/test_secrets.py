"""The cipher that encrypts what lies in the database."""

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.ports.secrets import Cipher
from tests.contract.suites.secrets import CipherContract


class TestAesGcm(CipherContract):
    @pytest.fixture
    def cipher(self) -> Cipher:
        return AesGcmCipher(bytes(range(32)))

    @pytest.fixture
    def stranger(self) -> Cipher:
        return AesGcmCipher(bytes(32))
